import { getDefaultDevice, random, setDefaultDevice, ValueError, type NdArray } from "@chain/array";
import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { loadNpz, saveNpz, type Serializable } from "@chain/links/serializers";
import { GradientClipping, SGD } from "@chain/optimizers";
import {
  BPTTUpdater,
  extensions,
  ParallelSequentialIterator,
  Trainer,
  TrainingInterrupted,
  type OutputStream,
} from "@chain/training";
import { join } from "node:path";
import type { Corpus } from "./corpus.js";
import { exportStep } from "./export-step.js";
import { learningRates } from "./model.js";
import { PerplexityLog } from "./perplexity-log.js";
import type { TrainOptions } from "./options.js";
import { TimedEvaluator } from "./timed-evaluator.js";
import { WordPredictor } from "./word-predictor.js";

/** Loads a text, and says on `out` which one. */
export type LoadCorpus = (out: OutputStream) => Promise<Corpus>;

/** A training that has been set up, and what it is about. */
export interface Setup {
  readonly corpus: Corpus;
  readonly model: WordPredictor;
  readonly optimizer: SGD;
}

/** Iterations between two rows of the log. */
export function logInterval(options: TrainOptions): number {
  return options.test ? 10 : 500;
}

/** Chooses device and random numbers, loads the text, makes the model, and prints what is trained. */
export async function setUp(options: TrainOptions, loadCorpus: LoadCorpus, out: OutputStream): Promise<Setup> {
  if (options.device !== undefined) await setDefaultDevice(options.device);
  if (options.seed !== undefined) random.seed(options.seed);
  const whole = await loadCorpus(out);
  const corpus = options.test ? shortened(whole, 5000) : whole;
  const { train, valid, test, title, vocabulary } = corpus;
  out.write(
    `Device: ${getDefaultDevice()}\n# text: ${title}${options.test ? ", a few words of it" : ""}\n` +
      `# words: ${train.length} to train, ${valid.length} to validate, ${test.length} to test\n` +
      `# vocabulary: ${vocabulary.length}\n# model: ${options.model}\n# unit: ${options.unit}\n` +
      `# Minibatch-size: ${options.batchsize}\n# steps of backpropagation: ${options.bproplen}\n` +
      `# epoch: ${options.epoch}\n\n`,
  );
  const model = new WordPredictor(options.model, options.unit, corpus);
  const optimizer = new SGD({ lr: options.lr ?? learningRates[options.model] }).setup(model);
  optimizer.addHook(new GradientClipping(options.gradclip));
  return { corpus, model, optimizer };
}

/**
 * The loss of a window of the text, words and those that follow them of shape (steps, batch): the sum over the steps of
 * what each loses per word.
 */
export function windowLoss(model: WordPredictor): (x: NdArray, t: NdArray) => Variable {
  return (x, t) => F.mul(model.forward(x, t), x.length);
}

/** An evaluation of a copy of the model, which has parameters in common with it, and state of its own. */
export function evaluatorOf(words: Int32Array, model: WordPredictor): TimedEvaluator {
  const iterator = new ParallelSequentialIterator(words, 1, { repeat: false });
  const copy = model.copy();
  return new TimedEvaluator(iterator, copy, { windowLength: 35, evalHook: () => copy.resetState() });
}

/** Perplexity on the words to test. */
export async function testPerplexity({ corpus, model }: Setup, out: OutputStream): Promise<number> {
  const { "main/loss": loss = NaN } = await evaluatorOf(corpus.test, model).call();
  const perplexity = Math.exp(loss);
  out.write(`test perplexity${corpus.label}: ${perplexity.toFixed(3)}\n`);
  return perplexity;
}

/** Trains a language model with a {@link Trainer}; the result is the perplexity on the words to test. */
export async function trainPtb(
  options: TrainOptions,
  loadCorpus: LoadCorpus,
  out: OutputStream = process.stdout,
): Promise<{ readonly trainer: Trainer; readonly model: WordPredictor; readonly perplexity: number }> {
  const setup = await setUp(options, loadCorpus, out);
  const { corpus, model, optimizer } = setup;

  const iterator = new ParallelSequentialIterator(corpus.train, options.batchsize);
  const updater = new BPTTUpdater(iterator, optimizer, options.bproplen, {
    wholeWindow: true,
    lossFunc: windowLoss(model),
  });
  const trainer = new Trainer(updater, { stopTrigger: [options.epoch, "epoch"], out: options.out });

  const interval = [logInterval(options), "iteration"] as const;
  const evaluator = evaluatorOf(corpus.valid, model);
  trainer.extend(evaluator, { trigger: interval });
  const log = new PerplexityLog(corpus.label, options.batchsize * options.bproplen, evaluator, { trigger: interval });
  trainer.extend(log, { name: "LogReport" });
  trainer.extend(new extensions.PrintReport(["epoch", "iteration", ...log.columns, "elapsed_time"], { out }), {
    trigger: interval,
  });
  trainer.extend(new extensions.ProgressBar({ out, updateInterval: 10 }));
  if (options.lrdecay !== 1) {
    trainer.extend(new extensions.ExponentialShift("lr", options.lrdecay), { trigger: [1, "epoch"] });
  }
  // Numbers like these hardly get smaller when they are compressed.
  const savefun = (file: string, target: Serializable): Promise<void> => saveNpz(file, target, { compression: false });
  trainer.extend(extensions.snapshot({ nRetains: 1, autoload: options.autoload, savefun }), { trigger: [1, "epoch"] });

  if (options.resume !== undefined) await loadNpz(options.resume, trainer);
  trainer.extend(() => checkCorpus(model, corpus), { name: "corpus", trigger: [1, "epoch"], callBeforeTraining: true });

  try {
    await trainer.run({ handleSignals: true, showLoopExceptionMsg: false });
  } catch (error) {
    if (error instanceof TrainingInterrupted) {
      out.write(`Saved after iteration ${updater.iteration}; go on with: --autoload --out ${options.out}\n`);
    }
    throw error;
  }
  const perplexity = await testPerplexity(setup, out);
  await saveNpz(join(options.out, "model.npz"), model);
  if (options.onnx !== undefined) {
    await exportStep(model.predictor, options.onnx);
    out.write(`Written: ${options.onnx}\n`);
  }
  return { trainer, model, perplexity };
}

/** Refuses a snapshot of a training on another text, whose words have other ids. */
function checkCorpus(model: WordPredictor, corpus: Corpus): void {
  if (model.corpus === corpus.name && model.vocabulary === corpus.vocabulary.join(" ")) return;
  throw new ValueError(
    `the snapshot is of a training on the text "${model.corpus}" with other words than "${corpus.name}" has: ` +
      "train on the same text, or begin anew",
  );
}

/** The first words of each part; the vocabulary stays. */
function shortened(corpus: Corpus, length: number): Corpus {
  const { train, valid, test } = corpus;
  return { ...corpus, train: train.subarray(0, length), valid: valid.subarray(0, 500), test: test.subarray(0, 500) };
}
