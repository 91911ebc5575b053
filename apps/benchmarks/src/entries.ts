/** Who takes part on processors. */
import { numpyContestant, torchContestant } from "./python.js";
import { nodeContestant, type Entry } from "./runner.js";

/** A library with one thread and with two. */
function withThreads(label: string, command: Entry["command"] | null, env: Entry["env"] = {}): Entry[] {
  if (command === null) return [];
  return [
    { label: `${label} (2 threads)`, command, env: { ...env, CHAIN_THREADS: "2" } },
    { label: `${label} (1 thread)`, command, env: { ...env, CHAIN_THREADS: "1" } },
  ];
}

const torch = torchContestant();
const numpy = numpyContestant();
if (torch === null) console.error("PyTorch does not take part: no Python here has it");
if (numpy === null) console.error("NumPy does not take part: no Python here has it");

/**
 * A machine may tell OpenBLAS to use the kernels of an older processor, which halves its speed. Chain's native package chooses by what the
 * processor has; to be fair, the others are measured with OpenBLAS's own choice, and PyTorch also as the machine has it.
 */
const told = process.env["OPENBLAS_CORETYPE"];
const ownChoice = { OPENBLAS_CORETYPE: undefined, OPENBLAS_L2_SIZE: undefined };

export const entries: readonly Entry[] = [
  ...withThreads("chain", nodeContestant("chain")),
  ...withThreads("chain + native", nodeContestant("native")),
  { label: "chain on gpu.js", command: nodeContestant("gpujs"), env: { CHAIN_BENCH_DEVICE: "gpujs" } },
  { label: "tfjs wasm", command: nodeContestant("tfjs") },
  { label: "jax-js wasm", command: nodeContestant("jax") },
  { label: "plain copy", command: nodeContestant("plain") },
  ...withThreads("PyTorch", torch, ownChoice),
  ...withThreads("NumPy", numpy, ownChoice),
  ...(told === undefined ? [] : withThreads(`PyTorch, BLAS for ${told}`, torch)),
];
