import { array, keepPace, type NdArray } from "@chain/array";
import { Summary } from "@chain/links";
import { saveNpz } from "@chain/links/serializers";
import { ParallelSequentialIterator, type OutputStream } from "@chain/training";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { wordLoss } from "./model.js";
import type { TrainOptions } from "./options.js";
import { evaluatorOf, logInterval, setUp, testPerplexity, type LoadCorpus } from "./train-ptb.js";
import type { WordPredictor } from "./word-predictor.js";
import * as F from "@chain/autograd/functions";

/** Trains a language model with a loop written by hand: the same updates as the trainer makes. */
export async function trainPtbByHand(
  options: TrainOptions,
  loadCorpus: LoadCorpus,
  out: OutputStream = process.stdout,
): Promise<{ readonly model: WordPredictor; readonly perplexity: number }> {
  const setup = await setUp(options, loadCorpus, out);
  const { corpus, model, optimizer } = setup;
  const { batchsize, bproplen, epoch } = options;
  const { label, train } = corpus;
  const evaluator = evaluatorOf(corpus.valid, model);
  const iterator = new ParallelSequentialIterator(train, batchsize);
  const losses = new Summary();
  let start = performance.now();

  for (let iteration = 1; iterator.epoch < epoch; iteration++) {
    const epochBefore = iterator.epoch;
    const words: number[] = [];
    const following: number[] = [];
    for (let step = 0; step < bproplen; step++) {
      for (const [current, next] of iterator.next()) {
        words.push(current);
        following.push(next);
      }
    }
    // In an optimizer's step everything is freed at the end but parameters and state, and the graph is cut behind the
    // state: that truncates the backpropagation.
    optimizer.update(() => {
      const window = (ids: readonly number[]): NdArray => array(ids, { dtype: "int32" }).reshape(bproplen, batchsize);
      const loss = wordLoss(model.predictor.forward(window(words)), window(following));
      losses.add(loss);
      return F.mul(loss, bproplen);
    });
    // On a GPU work is queued faster than it is done.
    await keepPace();
    if (iterator.epoch > epochBefore) optimizer.lr *= options.lrdecay;

    if (iteration % logInterval(options) !== 0) continue;
    const loss = await losses.computeMean();
    losses.dispose();
    const speed = (1000 * logInterval(options) * batchsize * bproplen) / (performance.now() - start);
    const { "main/loss": validation = NaN } = await evaluator.call();
    out.write(
      `epoch: ${iterator.epoch}  iteration: ${iteration}  perplexity${label}: ${Math.exp(loss).toFixed(3)}  ` +
        `val_perplexity${label}: ${Math.exp(validation).toFixed(3)}  words/s: ${speed.toFixed(0)}\n`,
    );
    start = performance.now();
  }

  const perplexity = await testPerplexity(setup, out);
  await mkdir(options.out, { recursive: true });
  await saveNpz(join(options.out, "model.npz"), model);
  return { model, perplexity };
}
