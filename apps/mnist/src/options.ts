import { Command, InvalidArgumentError } from "commander";

/** What both ways of training can be told on the command line. */
export interface TrainOptions {
  readonly batchsize: number;
  readonly epoch: number;
  readonly unit: number;
  /** Epochs between two snapshots; -1: one at the end. */
  readonly frequency: number;
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

/** The command line of a training program; commander prints one line and exits if it is wrong. */
export function trainCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .allowExcessArguments(false)
    .option("-b, --batchsize <n>", "number of images in each minibatch", positiveInteger, 100)
    .option("-e, --epoch <n>", "number of sweeps over the data set", positiveInteger, 20)
    .option("-u, --unit <n>", "number of units in each hidden layer", positiveInteger, 1000)
    .option("-d, --device <name>", "device to train on (default: CHAIN_DEVICE, or cpu)")
    .option("-o, --out <folder>", "folder for the results", "result")
    .option("--seed <n>", "make the run repeatable", naturalNumber);
}

/** Adds what only the trainer's version has. */
export function withSnapshots(command: Command): Command {
  return command
    .option("-r, --resume <file>", "go on from a snapshot")
    .option("-f, --frequency <n>", "epochs between two snapshots; -1: one at the end", frequency, -1)
    .option("--onnx <file>", "write the trained network to an ONNX file")
    .option("--autoload", "go on from the latest snapshot in the folder", false);
}

/** Reads arguments, without the names of the program in front of them. */
export function parseTrainOptions(command: Command, argv: readonly string[]): TrainOptions {
  return {
    frequency: -1,
    autoload: false,
    ...command.parse(argv, { from: "user" }).opts<Partial<TrainOptions>>(),
  } as TrainOptions;
}

/** For commander: a whole number above zero. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError("It has to be a whole number above zero.");
  }
  return value;
}

function frequency(text: string): number {
  return text === "-1" ? -1 : positiveInteger(text);
}

/** For commander: a whole number, zero or above. */
export function naturalNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(value) || value < 0) {
    throw new InvalidArgumentError("It has to be a whole number, zero or above.");
  }
  return value;
}
