import { getDefaultDevice, random, setDefaultDevice } from "@chain/array";
import * as L from "@chain/links";
import { loadNpz } from "@chain/links/serializers";
import { exportOnnx } from "@chain/onnx";
import { MomentumSGD, WeightDecay } from "@chain/optimizers";
import {
  extensions,
  SerialIterator,
  StandardUpdater,
  Trainer,
  TrainingInterrupted,
  type OutputStream,
} from "@chain/training";
import type { Data } from "./data.js";
import { DepthHistogram } from "./depth-histogram.js";
import { ResNetSchedule } from "./learning-rate.js";
import { makeModel, StochasticResNet } from "./models/index.js";
import type { TrainOptions } from "./options.js";
import { OtherDepthTrigger } from "./other-depth-trigger.js";

/** Trains a network with a {@link Trainer}. */
export async function trainResNet(
  options: TrainOptions,
  loadData: (out: OutputStream) => Promise<Data>,
  out: OutputStream = process.stdout,
): Promise<Trainer> {
  const { batchsize, depth, epoch, survival } = options;
  if (options.device !== undefined) await setDefaultDevice(options.device);
  if (options.seed !== undefined) random.seed(options.seed);
  const network = makeModel(options.model, depth, survival);
  const { test, title, train } = await loadData(out);
  const about = options.model === "resnet" ? ` of ${depth} layers, survival ${survival}` : "";
  out.write(
    `Device: ${getDefaultDevice()}\n# images: ${title}, ${train.length} to train, ${test.length} to test\n` +
      `# model: ${options.model}${about}\n# Minibatch-size: ${batchsize}\n# epoch: ${epoch}\n\n`,
  );

  const model = new L.Classifier(network);
  const optimizer = new MomentumSGD({ lr: options.lr, momentum: 0.9 }).setup(model);
  optimizer.addHook(new WeightDecay(1e-4));

  const updater = new StandardUpdater(new SerialIterator(train, batchsize), optimizer);
  const trainer = new Trainer(updater, { stopTrigger: [epoch, "epoch"], out: options.out });

  const testIterator = new SerialIterator(test, batchsize, { repeat: false, shuffle: false });
  trainer.extend(new extensions.Evaluator(testIterator, model));
  const iterations = Math.ceil((epoch * train.length) / batchsize);
  trainer.extend(new ResNetSchedule(options.lr, iterations), { trigger: [1, "iteration"] });
  if (network instanceof StochasticResNet) drawDepths(trainer, network, survival);
  trainer.extend(extensions.observeLr());
  trainer.extend(extensions.snapshot({ nRetains: 1, autoload: options.autoload }), { trigger: [1, "epoch"] });
  trainer.extend(new extensions.LogReport());
  for (const value of ["loss", "accuracy"]) {
    const keys = [`main/${value}`, `validation/main/${value}`];
    trainer.extend(new extensions.PlotReport(keys, { xKey: "epoch", filename: `${value}.svg` }));
  }
  const columns = ["epoch", "lr", "main/loss", "validation/main/loss", "main/accuracy", "validation/main/accuracy"];
  trainer.extend(new extensions.PrintReport([...columns, "elapsed_time"], { out }));
  trainer.extend(new extensions.ProgressBar({ out, updateInterval: 10 }));

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
    const [images] = test.gather(Int32Array.of(0));
    const names = { inputNames: ["images"], outputNames: ["scores"] };
    await exportOnnx(network, [images], options.onnx, { batch: "dynamic", ...names });
    out.write(`Written: ${options.onnx}\n`);
  }
  return trainer;
}

/** Draws the graph of the first iteration, of the first that has another number of blocks, and how many there were. */
function drawDepths(trainer: Trainer, network: StochasticResNet, survival: number): void {
  const style = { removeVariable: true };
  trainer.extend(new extensions.DumpGraph("main/loss", { filename: "graph_1.dot", ...style }), { name: "graph_1" });
  if (survival === 1) return;
  const other = new extensions.DumpGraph("main/loss", { filename: "graph_2.dot", ...style });
  trainer.extend(other, { name: "graph_2", trigger: new OtherDepthTrigger(network) });
  trainer.extend(new DepthHistogram(network.blocks.length));
}
