/** Who takes part on processors. */
import { torchContestant } from "./python.js";
import { nodeContestant, type Entry } from "./runner.js";

/** A library with one thread and with two. */
function withThreads(label: string, command: Entry["command"]): Entry[] {
  return [
    { label: `${label} (2 threads)`, command, env: { CHAIN_THREADS: "2" } },
    { label: `${label} (1 thread)`, command, env: { CHAIN_THREADS: "1" } },
  ];
}

const torch = torchContestant();
if (torch === null) console.error("PyTorch does not take part: no Python here has it");

export const entries: readonly Entry[] = [
  ...withThreads("chain", nodeContestant("chain")),
  ...withThreads("chain + native", nodeContestant("native")),
  { label: "chain on gpu.js", command: nodeContestant("gpujs"), env: { CHAIN_BENCH_DEVICE: "gpujs" } },
  { label: "tfjs wasm", command: nodeContestant("tfjs") },
  { label: "jax-js wasm", command: nodeContestant("jax") },
  { label: "plain copy", command: nodeContestant("plain") },
  ...(torch === null ? [] : withThreads("PyTorch", torch)),
];
