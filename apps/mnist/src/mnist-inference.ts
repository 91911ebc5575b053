import { argmax, scope, setDefaultDevice, ValueError, type NdArray } from "@chain/array";
import { noBackpropMode, testMode, Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { Summary } from "@chain/links";
import { fromNpz, NpzFile, SerializationError } from "@chain/links/serializers";
import { concatExamples, SerialIterator, type DatasetLike, type OutputStream } from "@chain/training";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { MLP } from "./model.js";

/** What inference can be told on the command line. */
export interface InferenceOptions {
  /** A snapshot or a saved model; by default the latest in `out`. */
  readonly model?: string;
  readonly out: string;
  readonly device?: string;
  /** Which test image to look at. */
  readonly image: number;
  readonly batchsize: number;
}

/** Where the network's parameters are in what can have been saved: a snapshot, a classifier, the network itself. */
const places = ["updater/model:main/predictor/", "predictor/", ""];

/** Loads a trained network, shows what it makes of one test image, and how many of all it gets right. */
export async function inferMnist(
  options: InferenceOptions,
  loadTestData: () => Promise<DatasetLike<unknown>>,
  out: OutputStream = process.stdout,
): Promise<{ readonly predicted: number; readonly label: number; readonly accuracy: number }> {
  if (options.device !== undefined) await setDefaultDevice(options.device);
  const file = options.model ?? (await latestModel(options.out));
  const model = await loadModel(file);
  const test = await loadTestData();
  if (options.image >= test.length) {
    throw new ValueError(`--image ${options.image}: there are ${test.length} test images, the first is 0`);
  }
  const forward = (batch: readonly unknown[]): { y: Variable; t: NdArray } => {
    const [x, t] = concatExamples(batch) as [NdArray, NdArray];
    return { y: testMode(() => noBackpropMode(() => model.forward(new Variable(x)))), t };
  };

  const example = "getExample" in test ? test.getExample(options.image) : test[options.image];
  const [prediction, truth] = scope(() => {
    const { t, y } = forward([example]);
    return [argmax(y.array, { axis: 1 }), t];
  });
  const [predicted, label] = await Promise.all([prediction.item(), truth.item()]);

  const accuracy = new Summary();
  for (const batch of new SerialIterator(test, options.batchsize, { repeat: false, shuffle: false })) {
    scope(() => {
      const { t, y } = forward(batch);
      accuracy.add(F.accuracy(y, t), { weight: batch.length });
    });
  }
  const mean = await accuracy.computeMean();
  out.write(
    `Model: ${file}\nTest image ${options.image}: predicted ${predicted}, label ${label}\n` +
      `Accuracy on ${test.length} test images: ${mean.toFixed(4)}\n`,
  );
  return { predicted, label, accuracy: mean };
}

async function loadModel(file: string): Promise<MLP> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new SerializationError(`cannot read ${file}: train a model first, or say which one with --model`, {
      cause: error,
    });
  }
  const npz = new NpzFile(bytes);
  const path = places.find((place) => npz.has(`${place}l1/W`));
  if (path === undefined) throw new SerializationError(`${file} does not hold this network's parameters`);
  const model = new MLP(npz.header(`${path}l1/W`).shape[0] ?? 0);
  fromNpz(bytes, model, { path });
  return model;
}

async function latestModel(folder: string): Promise<string> {
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => /^(snapshot_iter_\d+|mlp\.model)$/.test(name));
  } catch {
    names = [];
  }
  const files = names.map((name) => join(folder, name));
  const times = await Promise.all(files.map(async (file) => (await stat(file)).mtimeMs));
  const latest = files[times.indexOf(Math.max(...times))];
  if (latest === undefined) {
    throw new SerializationError(`there is no saved model in ${folder}: train one first, or say which with --model`);
  }
  return latest;
}
