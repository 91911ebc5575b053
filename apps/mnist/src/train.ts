import { getMnist } from "@chain/training/datasets";
import { main } from "./main.js";
import { parseTrainOptions, trainCommand, withSnapshots } from "./options.js";
import { trainMnist } from "./train-mnist.js";

const command = withSnapshots(trainCommand("mnist", "Trains a multi-layer perceptron on MNIST."));

await main(async (argv) => {
  await trainMnist(parseTrainOptions(command, argv), () => getMnist());
});
