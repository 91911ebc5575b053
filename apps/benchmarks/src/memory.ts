/**
 * `pnpm bench:memory`: the largest resident size of processes that train a ResNet-20 on minibatches of 128 pictures, and of the
 * same processes before they did, with the library loaded.
 */
import { chain, pyTorch } from "./entries.js";
import { Runner, type Entry } from "./runner.js";

const steps = 5;
const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

/** Largest resident size of a process that has set a workload up and run it so many times. */
async function peakOf(
  entry: Entry,
  workload: "residualNetworkStep" | "copy",
  size: number,
  runs: number,
): Promise<number> {
  const runner = await Runner.start(entry);
  try {
    const ready = await runner.ask({ kind: "setup", workload, size });
    const response = ready.kind === "ready" ? await runner.ask({ kind: "memory", runs }) : ready;
    if (response.kind !== "memory") throw new Error(`${entry.label} has no ${workload}`);
    return response.peakBytes;
  } finally {
    runner.stop();
  }
}

console.log("largest resident size of a process: ResNet-20, batch 128, forward, backward and update\n");
for (const entry of [...chain, ...pyTorch]) {
  try {
    const [before, peak] = [await peakOf(entry, "copy", 1, 0), await peakOf(entry, "residualNetworkStep", 128, steps)];
    console.log(`${entry.label.padEnd(28)} ${mebibytes(peak).padStart(9)}, ${mebibytes(before)} of it for the library`);
  } catch (error) {
    console.error(`${entry.label} does not take part: ${String(error)}`);
  }
}
