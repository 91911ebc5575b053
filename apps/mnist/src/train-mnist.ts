import { getDefaultDevice, random, setDefaultDevice, zeros } from "@chain/array";
import * as L from "@chain/links";
import { loadNpz } from "@chain/links/serializers";
import { exportOnnx } from "@chain/onnx";
import { Adam } from "@chain/optimizers";
import {
  extensions,
  SerialIterator,
  StandardUpdater,
  Trainer,
  TrainingInterrupted,
  type DatasetLike,
  type OutputStream,
} from "@chain/training";
import { MLP } from "./model.js";
import type { TrainOptions } from "./options.js";

/** Images with labels, to train on and to test. */
export type TrainAndTestData = readonly [train: DatasetLike<unknown>, test: DatasetLike<unknown>];

/** Prints what is trained, as Chainer's examples do. */
export function printHeader({ batchsize, epoch, unit }: TrainOptions, out: OutputStream): void {
  out.write(`Device: ${getDefaultDevice()}\n# unit: ${unit}\n# Minibatch-size: ${batchsize}\n# epoch: ${epoch}\n\n`);
}

/** Chooses the device and the random numbers of a run. */
export async function prepare({ device, seed }: TrainOptions): Promise<void> {
  if (device !== undefined) await setDefaultDevice(device);
  if (seed !== undefined) random.seed(seed);
}

/** Trains the network with a {@link Trainer}. */
export async function trainMnist(
  options: TrainOptions,
  loadData: () => Promise<TrainAndTestData>,
  out: OutputStream = process.stdout,
): Promise<Trainer> {
  await prepare(options);
  printHeader(options, out);
  const model = new L.Classifier(new MLP(options.unit));
  const optimizer = new Adam().setup(model);

  const [train, test] = await loadData();
  const trainIterator = new SerialIterator(train, options.batchsize);
  const testIterator = new SerialIterator(test, options.batchsize, { repeat: false, shuffle: false });

  const updater = new StandardUpdater(trainIterator, optimizer);
  const trainer = new Trainer(updater, { stopTrigger: [options.epoch, "epoch"], out: options.out });

  trainer.extend(new extensions.Evaluator(testIterator, model), { callBeforeTraining: true });
  trainer.extend(new extensions.DumpGraph("main/loss"));
  const frequency = options.frequency === -1 ? options.epoch : options.frequency;
  trainer.extend(extensions.snapshot({ nRetains: 1, autoload: options.autoload }), { trigger: [frequency, "epoch"] });
  trainer.extend(new extensions.LogReport(), { callBeforeTraining: true });
  for (const value of ["loss", "accuracy"]) {
    const keys = [`main/${value}`, `validation/main/${value}`];
    const picture = new extensions.PlotReport(keys, { xKey: "epoch", filename: `${value}.svg` });
    trainer.extend(picture, { callBeforeTraining: true });
  }
  const columns = ["epoch", "main/loss", "validation/main/loss", "main/accuracy", "validation/main/accuracy"];
  const table = new extensions.PrintReport([...columns, "elapsed_time"], { out });
  trainer.extend(table, { callBeforeTraining: true });
  trainer.extend(new extensions.ProgressBar({ out }));

  if (options.resume !== undefined) await loadNpz(options.resume, trainer);

  try {
    await trainer.run({ handleSignals: true, showLoopExceptionMsg: false });
  } catch (error) {
    if (error instanceof TrainingInterrupted) {
      out.write(`Saved after iteration ${updater.iteration}; go on with: --autoload --out ${options.out}\n`);
    }
    throw error;
  }
  if (options.onnx !== undefined) {
    const names = { inputNames: ["pixels"], outputNames: ["scores"] };
    await exportOnnx(model.predictor, [zeros([1, 784])], options.onnx, { batch: "dynamic", ...names });
    out.write(`Written: ${options.onnx}\n`);
  }
  return trainer;
}
