import { Command, InvalidArgumentError, Option } from "commander";
import { corpusNames, type CorpusName } from "./corpus.js";
import { modelKinds, type ModelKind } from "./model.js";

/** What both ways of training can be told on the command line. */
export interface TrainOptions {
  readonly model: ModelKind;
  readonly unit: number;
  readonly batchsize: number;
  /** Steps through which gradients go back. */
  readonly bproplen: number;
  readonly epoch: number;
  /** The largest norm of the gradients of an update. */
  readonly gradclip: number;
  /** Default: {@link learningRates}. */
  readonly lr?: number;
  /** What the learning rate is multiplied by after each epoch. */
  readonly lrdecay: number;
  readonly corpus?: CorpusName;
  readonly device?: string;
  readonly out: string;
  /** Snapshot to go on from. */
  readonly resume?: string;
  /** Whether to go on from the latest snapshot in `out`. */
  readonly autoload: boolean;
  /** Whether to use a few words only. */
  readonly test: boolean;
  readonly seed?: number;
  /** ONNX file to write at the end. */
  readonly onnx?: string;
}

/** The command line of a training program; commander prints one line and exits if it is wrong. */
export function trainCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .allowExcessArguments(false)
    .addOption(new Option("-m, --model <name>", "which network to train").choices(modelKinds).default("lstm"))
    .option("-u, --unit <n>", "number of units in each hidden layer", positiveInteger, 650)
    .option("-b, --batchsize <n>", "number of places at which the text is read at the same time", positiveInteger, 20)
    .option("-l, --bproplen <n>", "number of words through which gradients go back", positiveInteger, 35)
    .option("-e, --epoch <n>", "number of sweeps over the text", positiveInteger, 39)
    .option("-c, --gradclip <x>", "largest norm of the gradients of an update", positiveNumber, 5)
    .option("--lr <x>", "learning rate (default: 1, for simple-rnn 0.1)", positiveNumber)
    .option("--lrdecay <x>", "what the learning rate is multiplied by after each epoch", positiveNumber, 1)
    .addOption(
      new Option("--corpus <name>", "which text (default: ptb and, if that cannot be had, brown)").choices(corpusNames),
    )
    .option("-d, --device <name>", "device to train on (default: CHAIN_DEVICE, or cpu)")
    .option("-o, --out <folder>", "folder for the results", "result")
    .option("--test", "use a few words only, for a quick test", false)
    .option("--seed <n>", "make the run repeatable", naturalNumber);
}

/** Adds what only the trainer's version has. */
export function withSnapshots(command: Command): Command {
  return command
    .option("-r, --resume <file>", "go on from a snapshot")
    .option("--onnx <file>", "write a step of the trained model to an ONNX file")
    .option("--autoload", "go on from the latest snapshot in the folder", false);
}

/** Reads arguments, without the names of the program in front of them. */
export function parseTrainOptions(command: Command, argv: readonly string[]): TrainOptions {
  return { autoload: false, ...command.parse(argv, { from: "user" }).opts<Partial<TrainOptions>>() } as TrainOptions;
}

/** For commander: a whole number above zero. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError("It has to be a whole number above zero.");
  }
  return value;
}

/** For commander: a whole number, zero or above. */
export function naturalNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(value) || value < 0) {
    throw new InvalidArgumentError("It has to be a whole number, zero or above.");
  }
  return value;
}

/** For commander: a number above zero. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError("It has to be a number above zero.");
  }
  return value;
}

/** For commander: a number, zero or above. */
export function nonNegativeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0) {
    throw new InvalidArgumentError("It has to be a number, zero or above.");
  }
  return value;
}
