import type { WorkloadName } from "./contestant.js";
import { layers, operations, title as layerTitle } from "./convolution/layers.js";
import type { Clock } from "./host.js";
import { bytes, poolings, title as poolingTitle } from "./pooling/windows.js";

/** A row of the report. */
export interface Workload {
  readonly name: WorkloadName;
  readonly size: number;
  readonly title: string;
  /** What one run does, in `unit`s of work: floating-point operations, bytes moved, or single operations. */
  readonly work: number;
  readonly unit: "GFLOP/s" | "GB/s" | "ms" | "µs/op";
  /** How far results of contestants may be apart, relative to the largest. */
  readonly tolerance: number;
  /** "device" by default. */
  readonly clock?: Clock;
}

function matmul(n: number): Workload {
  return { name: "matmul", size: n, title: `matmul ${n}`, work: 2 * n ** 3, unit: "GFLOP/s", tolerance: 1e-4 };
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

const mlpStep: Workload = {
  name: "mlpStep",
  size: 1,
  title: "MLP step (batch 100, Adam)",
  work: 1,
  unit: "ms",
  tolerance: 0.02,
};

function residualNetworkStep(batch: number): Workload {
  const title = `ResNet-20 step (batch ${batch}, 32 × 32)`;
  return { name: "residualNetworkStep", size: batch, title, work: 1, unit: "ms", tolerance: 1e-3 };
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
  ...[1e3, 1e4, 1e5, 1e6, 1e7].flatMap(memoryBound),
  ...layers.flatMap((_, layer) => convolutions(layer)),
  ...poolings.flatMap((_, pooling) => maxPoolings(pooling)),
  mlpStep,
  ...[200, 650].map((units): Workload => ({
    name: "languageModelStep",
    size: units,
    title: `LSTM language model step, ${units} units`,
    work: 1,
    unit: "ms",
    tolerance: 1e-3,
  })),
  residualNetworkStep(128),
  {
    name: "loadExamples",
    size: 64,
    title: "minibatch of 64 examples of some 5 ms, in threads",
    work: 1,
    unit: "ms",
    tolerance: 0,
  },
  {
    name: "tinyRnn",
    size: 100,
    title: "tanh RNN, 100 steps of 32 units, forward + backward",
    work: 1,
    unit: "ms",
    tolerance: 1e-4,
  },
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

/** A duration of one run, in seconds, in the workload's unit. */
export function rate(workload: Workload, seconds: number): number {
  switch (workload.unit) {
    case "GFLOP/s":
    case "GB/s":
      return workload.work / seconds / 1e9;
    case "ms":
      return seconds * 1e3;
    case "µs/op":
      return (seconds * 1e6) / workload.work;
  }
}

/** Whether smaller is better. */
export function isDuration(workload: Workload): boolean {
  return workload.unit === "ms" || workload.unit === "µs/op";
}
