import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Entry } from "./runner.js";

/**
 * The program that runs PyTorch: in `CHAIN_BENCH_PYTHON`, or in the first Python that has it; null where none does. Debian:
 * `apt-get install python3-torch python3-numpy libopenblas0-pthread`.
 */
export function torchContestant(): Entry["command"] | null {
  return pythonThat("import torch, numpy", "with_pytorch.py");
}

/** The same where PyTorch has a GPU through CUDA. */
export function cudaContestant(): Entry["command"] | null {
  return pythonThat("import torch, numpy; assert torch.cuda.is_available()", "with_pytorch.py");
}

/** The program that runs NumPy, found as {@link torchContestant} is. */
export function numpyContestant(): Entry["command"] | null {
  return pythonThat("import numpy", "with_numpy.py");
}

/** A program for the first Python that runs some code without an error. */
function pythonThat(code: string, program: string): Entry["command"] | null {
  const asked = process.env["CHAIN_BENCH_PYTHON"];
  const pythons = asked === undefined ? ["python3", "/usr/bin/python3"] : [asked];
  const python = pythons.find((name) => spawnSync(name, ["-c", code]).status === 0);
  return python === undefined ? null : [python, fileURLToPath(new URL(`../python/${program}`, import.meta.url))];
}
