import type { WorkloadName } from "./contestant.js";
import { layers, operations, title as layerTitle } from "./convolution/layers.js";
import type { Clock } from "./host.js";
import { bytes, poolings, title as poolingTitle } from "./pooling/windows.js";
import { operations as productOperations, products, title as productTitle } from "./products/shapes.js";

/** A row of the report. */
export interface Workload {
  readonly name: WorkloadName;
  readonly size: number;
  readonly title: string;
  /** What one run does, in `unit`s of work: floating-point operations, bytes moved, or single operations. */
  readonly work: number;
  readonly unit: "GFLOP/s" | "GB/s" | "ms" | "µs/op" | "MB";
  /** How far results of contestants may be apart, relative to the largest. */
  readonly tolerance: number;
  /** "device" by default. */
  readonly clock?: Clock;
  /** Measured in a process of its own: until it has the first results, or its largest resident size. */
  readonly process?: "time" | "memory";
}

function matmul(n: number): Workload {
  return { name: "matmul", size: n, title: `matmul ${n}`, work: 2 * n ** 3, unit: "GFLOP/s", tolerance: 1e-4 };
}

/** A product of the shape that it has in some network. */
function product(index: number): Workload {
  return {
    name: "product",
    size: index,
    title: `product, ${productTitle(index)}`,
    work: productOperations(index),
    unit: "GFLOP/s",
    tolerance: 1e-4,
  };
}

function memory(name: WorkloadName, size: number, bytesPerElement: number): Workload {
  const title = `${name} ${size.toExponential().replace("e+", "e")}`;
  return { name, size, title, work: bytesPerElement * size, unit: "GB/s", tolerance: 1e-4 };
}

/** A layer's convolution, and its gradients. */
function convolutions(layer: number): Workload[] {
  const passes = { convolution: "forward", convolutionGradInput: "by input", convolutionGradWeight: "by weights" };
  return Object.entries(passes).map(([name, pass]) => ({
    name: name as keyof typeof passes,
    size: layer,
    title: `convolution ${layerTitle(layer)}, ${pass}`,
    work: operations(layer),
    unit: "GFLOP/s",
    tolerance: 1e-4,
  }));
}

/** A pooling, and its gradient. */
function maxPoolings(pooling: number): Workload[] {
  const passes = { maxPooling: "forward", maxPoolingGrad: "gradient" };
  return Object.entries(passes).map(([name, pass]) => ({
    name: name as keyof typeof passes,
    size: pooling,
    title: `max pooling ${poolingTitle(pooling)}, ${pass}`,
    work: bytes(pooling),
    unit: "GB/s",
    tolerance: 1e-6,
  }));
}

/** The operations that are limited by memory, on float32 vectors. */
function memoryBound(size: number): Workload[] {
  return [
    memory("copy", size, 8),
    memory("add", size, 12),
    memory("exp", size, 8),
    memory("sum", size, 4),
    memory("sumAxis0", size, 4),
  ];
}

/** More of them, for arrays that no cache holds. */
function moreMemoryBound(size: number): Workload[] {
  return [
    memory("tanh", size, 8),
    memory("max", size, 4),
    memory("meanAxis1", size, 4),
    memory("variance", size, 4),
    memory("argmax", size, 4),
  ];
}

/** Something that is done in one piece. */
function whole(name: WorkloadName, size: number, title: string, tolerance = 1e-3): Workload {
  return { name, size, title, work: 1, unit: "ms", tolerance };
}

const mlpStep = whole("mlpStep", 1, "MLP step (batch 100, Adam)", 0.02);

function residualNetworkStep(batch: number): Workload {
  return whole("residualNetworkStep", batch, `ResNet-20 step (batch ${batch}, 32 × 32)`);
}

const stochasticStep = whole(
  "stochasticResidualNetworkStep",
  128,
  "stochastic ResNet-20 step (batch 128, survival 0.5 at the last block)",
);

function languageModelStep(units: number): Workload {
  return whole("languageModelStep", units, `LSTM language model step, ${units} units`);
}

/** The memory that three steps of a training need, in a process that does nothing else. */
function memoryOf(step: Workload): Workload {
  return { ...step, title: `peak memory: ${step.title}`, unit: "MB", process: "memory" };
}

/** What is measured on a GPU; the smaller sizes are for those that are programs. */
export const gpuWorkloads: readonly Workload[] = [
  ...[256, 512, 1024, 2048, 4096].map(matmul),
  ...[1e5, 1e6, 1e7].flatMap(memoryBound),
  mlpStep,
  ...[8, 128].map(residualNetworkStep),
  {
    name: "dispatch",
    size: 1000,
    title: "dispatch, host time",
    work: 1000,
    unit: "µs/op",
    tolerance: 1e-4,
    clock: "host",
  },
];

/** What is measured on processors, in the order of the report. */
export const workloads: readonly Workload[] = [
  ...[256, 512, 1024, 2048].map(matmul),
  ...products.map((_, index) => product(index)),
  ...[1e3, 1e4, 1e5, 1e6, 1e7].flatMap(memoryBound),
  ...moreMemoryBound(1e7),
  ...layers.flatMap((_, layer) => convolutions(layer)),
  ...poolings.flatMap((_, pooling) => maxPoolings(pooling)),
  mlpStep,
  ...[200, 650].map(languageModelStep),
  residualNetworkStep(128),
  stochasticStep,
  whole("mlpInference", 1, "MLP inference, batch 1", 1e-4),
  whole("residualNetworkInference", 1, "ResNet-20 inference, batch 1"),
  whole("loadExamples", 64, "minibatch of 64 examples of some 5 ms, in threads", 0),
  whole("clippedUpdate", 30, "update of 30 weights of 128×128 by Adam, gradients clipped by their norm"),
  whole("tinyRnn", 100, "tanh RNN, 100 steps of 32 units, forward + backward", 1e-4),
  whole("treeLstm", 64, "TreeLSTM over 10 random trees of 20 leaves, 64 units, forward + backward", 1e-4),
  { ...mlpStep, title: "start: a new process, to the third MLP step", process: "time" },
  { ...whole("mlpInference", 1, "start: a new process, to the scores of one picture", 1e-4), process: "time" },
  ...[mlpStep, ...[200, 650].map(languageModelStep), residualNetworkStep(128), stochasticStep].map(memoryOf),
  {
    name: "chainForward",
    size: 1000,
    title: "h.add(1) on 2 elements, forward",
    work: 1000,
    unit: "µs/op",
    tolerance: 1e-4,
  },
  {
    name: "chainForwardBackward",
    size: 1000,
    title: "h.add(1) on 2 elements, forward + backward",
    work: 1000,
    unit: "µs/op",
    tolerance: 1e-4,
  },
];

/** What was measured of one run (seconds, megabytes of memory), in the workload's unit. */
export function rate(workload: Workload, seconds: number): number {
  switch (workload.unit) {
    case "GFLOP/s":
    case "GB/s":
      return workload.work / seconds / 1e9;
    case "ms":
      return seconds * 1e3;
    case "MB":
      return seconds;
    case "µs/op":
      return (seconds * 1e6) / workload.work;
  }
}

/** Whether more of a unit is better. */
function isRate(unit: string): boolean {
  return unit.endsWith("/s");
}

/** Whether smaller is better. */
export function lessIsBetter({ unit }: Workload): boolean {
  return !isRate(unit);
}
