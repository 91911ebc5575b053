import { Command } from "commander";
import { generateText, type GenerateOptions } from "./generate-text.js";
import { main } from "./main.js";
import { naturalNumber, nonNegativeNumber, positiveInteger } from "./options.js";

const command = new Command("ptb:generate")
  .description("Has a trained language model continue a text.")
  .allowExcessArguments(false)
  .option("-m, --model <file>", "saved model, or snapshot of a training", "result/model.npz")
  .option("-p, --primetext <text>", "words that the text begins with", "the")
  .option("-n, --length <n>", "number of words to add", positiveInteger, 50)
  .option(
    "-t, --temperature <x>",
    "below 1: likely words more likely; 0: always the most likely one",
    nonNegativeNumber,
    1,
  )
  .option("--seed <n>", "another number gives another text", naturalNumber, 0)
  .option("-d, --device <name>", "device to run on (default: CHAIN_DEVICE, or cpu)");

await main(async (argv) => {
  await generateText(command.parse(argv, { from: "user" }).opts<GenerateOptions>());
});
