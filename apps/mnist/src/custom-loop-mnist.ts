import { keepPace, scope, type NdArray } from "@chain/array";
import { noBackpropMode, testMode, Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { Summary } from "@chain/links";
import { saveNpz } from "@chain/links/serializers";
import { Adam } from "@chain/optimizers";
import { concatExamples, SerialIterator, type OutputStream } from "@chain/training";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { MLP } from "./model.js";
import type { TrainOptions } from "./options.js";
import { prepare, printHeader, type TrainAndTestData } from "./train-mnist.js";

/** Trains the network with a loop written by hand: the same updates as the trainer makes. */
export async function trainMnistByHand(
  options: TrainOptions,
  loadData: () => Promise<TrainAndTestData>,
  out: OutputStream = process.stdout,
): Promise<MLP> {
  await prepare(options);
  printHeader(options, out);
  const model = new MLP(options.unit);
  const optimizer = new Adam().setup(model);

  const [train, test] = await loadData();
  const trainIterator = new SerialIterator(train, options.batchsize);
  const testIterator = new SerialIterator(test, options.batchsize, { repeat: false, shuffle: false });
  const losses = new Summary();
  const accuracies = new Summary();

  /** Runs the model on a minibatch, and adds to the summaries. */
  const run = (batch: readonly unknown[]): Variable => {
    const [x, t] = concatExamples(batch) as [NdArray, NdArray];
    const y = model.forward(new Variable(x));
    const loss = F.softmaxCrossEntropy(y, t);
    losses.add(loss, { weight: batch.length });
    accuracies.add(F.accuracy(y, t), { weight: batch.length });
    return loss;
  };

  const printMeans = async (title: string): Promise<void> => {
    const [loss, accuracy] = await Promise.all([losses.computeMean(), accuracies.computeMean()]);
    out.write(`${title} mean loss: ${loss}, accuracy: ${accuracy}\n`);
    losses.dispose();
    accuracies.dispose();
  };

  while (trainIterator.epoch < options.epoch) {
    // What is made in a scope is freed at its end, but for parameters and their kind.
    scope(() => {
      const loss = run(trainIterator.next());
      model.cleargrads();
      loss.backward();
      optimizer.update();
    });
    // On a GPU work is queued faster than it is done.
    await keepPace();
    if (!trainIterator.isNewEpoch) continue;

    out.write(`epoch: ${trainIterator.epoch}\n`);
    await printMeans("train");
    testMode(() =>
      noBackpropMode(() => {
        for (const batch of testIterator) scope(() => void run(batch));
      }),
    );
    testIterator.reset();
    await printMeans("test ");
  }

  out.write("save the model and the optimizer\n");
  await mkdir(options.out, { recursive: true });
  await saveNpz(join(options.out, "mlp.model"), model);
  await saveNpz(join(options.out, "mlp.state"), optimizer);
  return model;
}
