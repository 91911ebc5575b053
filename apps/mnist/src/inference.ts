import { getMnist } from "@chain/training/datasets";
import { Command } from "commander";
import { main } from "./main.js";
import { inferMnist, type InferenceOptions } from "./mnist-inference.js";
import { naturalNumber, positiveInteger } from "./options.js";

const command = new Command("mnist:inference")
  .description("Recognizes handwritten digits with a trained network.")
  .allowExcessArguments(false)
  .option("-m, --model <file>", "snapshot or saved model (default: the latest in the folder)")
  .option("-o, --out <folder>", "folder with the results of a training", "result")
  .option("-i, --image <n>", "which test image to look at", naturalNumber, 0)
  .option("-b, --batchsize <n>", "number of images in each minibatch", positiveInteger, 100)
  .option("-d, --device <name>", "device to run on (default: CHAIN_DEVICE, or cpu)");

await main(async (argv) => {
  await inferMnist(command.parse(argv, { from: "user" }).opts<InferenceOptions>(), async () => (await getMnist())[1]);
});
