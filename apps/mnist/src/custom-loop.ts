import { getMnist } from "@chain/training/datasets";
import { trainMnistByHand } from "./custom-loop-mnist.js";
import { main } from "./main.js";
import { parseTrainOptions, trainCommand } from "./options.js";

const command = trainCommand("mnist:custom-loop", "Trains a multi-layer perceptron on MNIST, without a trainer.");

await main(async (argv) => {
  await trainMnistByHand(parseTrainOptions(command, argv), () => getMnist());
});
