import { Command, InvalidArgumentError, Option } from "commander";
import { datasetNames, type DatasetName } from "./data.js";
import { modelNames, type ModelName } from "./models/index.js";

/** What a training can be told on the command line. */
export interface TrainOptions {
  readonly model: ModelName;
  /** Layers of the ResNet: 6n + 2. */
  readonly depth: number;
  /** Probability that the last block survives an iteration. */
  readonly survival: number;
  readonly dataset?: DatasetName;
  readonly batchsize: number;
  readonly epoch: number;
  readonly lr: number;
  readonly device?: string;
  readonly out: string;
  /** Snapshot to go on from. */
  readonly resume?: string;
  /** Whether to go on from the latest snapshot in `out`. */
  readonly autoload: boolean;
  readonly seed?: number;
  /** ONNX file to write at the end. */
  readonly onnx?: string;
}

/** The command line; commander prints one line and exits if it is wrong. */
export const trainCommand = new Command("stochastic-resnet")
  .description("Trains a residual network that tosses a coin for each of its blocks, at every iteration.")
  .allowExcessArguments(false)
  .addOption(new Option("-m, --model <name>", "which network to train").choices(modelNames).default("resnet"))
  .option("--depth <n>", "layers of the ResNet: 20, 32, 56, 110, any 6n + 2", positiveInteger, 20)
  .option(
    "--survival <p>",
    "probability that the last block is kept (that of the others is greater); 1: a plain ResNet",
    probability,
    0.5,
  ) // prettier-ignore
  .addOption(
    new Option("--dataset <name>", "which images (default: cifar10 and, if it cannot be had, mnist)").choices(datasetNames), // prettier-ignore
  )
  .option("-b, --batchsize <n>", "number of images in each minibatch", positiveInteger, 128)
  .option("-e, --epoch <n>", "number of sweeps over the data set", positiveInteger, 164)
  .option(
    "--lr <x>",
    "learning rate after a start with less; a tenth after a half, a hundredth after 3/4",
    positiveNumber,
    0.1,
  )
  .option("-d, --device <name>", "device to train on (default: CHAIN_DEVICE, or cpu)")
  .option("-o, --out <folder>", "folder for the results", "result")
  .option("-r, --resume <file>", "go on from a snapshot")
  .option("--onnx <file>", "write the trained network, with all its blocks, to an ONNX file")
  .option("--autoload", "go on from the latest snapshot in the folder", false)
  .option("--seed <n>", "make the run repeatable", naturalNumber);

/** Reads arguments, without the names of the program in front of them. */
export function parseTrainOptions(argv: readonly string[]): TrainOptions {
  return trainCommand.parse(argv, { from: "user" }).opts<TrainOptions>();
}

function numberThat(holds: (value: number) => boolean, what: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !holds(value)) throw new InvalidArgumentError(`It has to be ${what}.`);
    return value;
  };
}

function positiveInteger(text: string): number {
  return numberThat((value) => Number.isSafeInteger(value) && value > 0, "a whole number above zero")(text);
}

function naturalNumber(text: string): number {
  return numberThat((value) => Number.isSafeInteger(value) && value >= 0, "a whole number, zero or above")(text);
}

function positiveNumber(text: string): number {
  return numberThat((value) => Number.isFinite(value) && value > 0, "a number above zero")(text);
}

function probability(text: string): number {
  return numberThat((value) => value > 0 && value <= 1, "above 0, and 1 at most")(text);
}
