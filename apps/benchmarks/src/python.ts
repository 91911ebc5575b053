import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Entry } from "./runner.js";

/**
 * The program that runs PyTorch: `CHAIN_BENCH_PYTHON`, or the first Python that has it; null where none does. Debian:
 * `apt-get install python3-torch python3-numpy libopenblas0-pthread`.
 */
export function torchContestant(): Entry["command"] | null {
  const asked = process.env["CHAIN_BENCH_PYTHON"];
  const pythons = asked === undefined ? ["python3", "/usr/bin/python3"] : [asked];
  const python = pythons.find((name) => spawnSync(name, ["-c", "import torch, numpy"]).status === 0);
  return python === undefined ? null : [python, fileURLToPath(new URL("../python/host.py", import.meta.url))];
}
