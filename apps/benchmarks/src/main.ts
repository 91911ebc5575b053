/** `pnpm bench`: measures Chain beside its peers on the processor. */
import { cpus } from "node:os";
import { benchmark } from "./benchmark.js";
import { torchContestant } from "./python.js";
import { nodeContestant, type Entry } from "./runner.js";
import { workloads } from "./workloads.js";

/** A library with one thread and with two. */
function withThreads(label: string, command: Entry["command"]): Entry[] {
  return [
    { label: `${label} (2 threads)`, command, env: { CHAIN_THREADS: "2" } },
    { label: `${label} (1 thread)`, command, env: { CHAIN_THREADS: "1" } },
  ];
}

const torch = torchContestant();
const entries: Entry[] = [
  ...withThreads("chain", nodeContestant("chain")),
  ...withThreads("chain + native", nodeContestant("native")),
  { label: "tfjs wasm", command: nodeContestant("tfjs") },
  { label: "jax-js wasm", command: nodeContestant("jax") },
  { label: "plain copy", command: nodeContestant("plain") },
  ...(torch === null ? [] : withThreads("PyTorch", torch)),
];
if (torch === null) console.error("PyTorch does not take part: no Python here has it");

await benchmark({
  command: "pnpm bench",
  entries,
  workloads,
  machine: `${cpus()[0]?.model ?? "unknown CPU"}, ${cpus().length} cores, Node ${process.version}`,
  out: "result/bench",
});
