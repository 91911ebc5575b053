import { Command } from "commander";
import { main } from "./main.js";
import { naturalNumber, positiveInteger } from "./options.js";
import { parseFormula } from "./tree-lstm/formula.js";
import { judge, trainOnFormulas, type FormulaOptions } from "./tree-lstm/train.js";

const command = new Command("ptb:tree-lstm")
  .description("Trains a network that has the shape of its input: a tree LSTM on formulas of logic.")
  .argument("[formula...]", 'formulas to judge in the end, such as "(and true (not false))"')
  .option("-u, --unit <n>", "number of units", positiveInteger, 20)
  .option("-b, --batchsize <n>", "number of formulas in each minibatch", positiveInteger, 20)
  .option("-i, --iteration <n>", "number of updates", positiveInteger, 500)
  .option("--depth <n>", "how deep operators may be inside of each other", positiveInteger, 3)
  .option("--seed <n>", "another number gives other formulas", naturalNumber, 0)
  .option("-d, --device <name>", "device to train on (default: CHAIN_DEVICE, or cpu)");

await main(async (argv) => {
  const options = command.parse(argv, { from: "user" }).opts<FormulaOptions>();
  const formulas = command.args.map(parseFormula);
  const { model } = await trainOnFormulas(options);
  const answers = await judge(model, formulas);
  command.args.forEach((text, i) => void process.stdout.write(`${text} is ${answers[i]}\n`));
});
