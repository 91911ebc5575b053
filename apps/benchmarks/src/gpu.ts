/** `pnpm bench:gpu`: measures Chain beside its peers on a GPU, against results of the processor. */
import { openDevice } from "@chain/array";
import { benchmark } from "./benchmark.js";
import { cudaContestant } from "./python.js";
import { nodeContestant, type Entry } from "./runner.js";
import { gpuWorkloads } from "./workloads.js";

// Opened here first: where only a driver that Chromium carries will do, contestants inherit the choice.
const { description = "an unnamed adapter" } = await openDevice("webgpu");
const onGpu = { CHAIN_BENCH_DEVICE: "webgpu" };
const cuda = cudaContestant();
const entries: Entry[] = [
  { label: "chain on the processor", command: nodeContestant("chain"), referenceOnly: true },
  { label: "chain webgpu", command: nodeContestant("chain"), env: onGpu },
  { label: "jax-js webgpu", command: nodeContestant("jax"), env: onGpu },
  { label: "tfjs webgpu", command: nodeContestant("tfjs"), env: onGpu },
  ...(cuda === null ? [] : [{ label: "PyTorch CUDA", command: cuda, env: { CHAIN_BENCH_DEVICE: "cuda" } }]),
];
if (cuda === null) console.error("PyTorch does not take part: no Python here has it with CUDA");

await benchmark({
  command: "pnpm bench:gpu",
  entries,
  workloads: gpuWorkloads,
  machine: `${description}, Node ${process.version}`,
  out: "result/bench-gpu",
});
// Dawn keeps a process alive while its instance is.
process.exit();
