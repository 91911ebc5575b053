/** `pnpm bench`: measures Chain beside its peers on the processor. */
import { cpus } from "node:os";
import { benchmark } from "./benchmark.js";
import { entries } from "./entries.js";
import { workloads } from "./workloads.js";

await benchmark({
  command: "pnpm bench",
  entries,
  workloads,
  machine: `${cpus()[0]?.model ?? "unknown CPU"}, ${cpus().length} cores, Node ${process.version}`,
  out: "result/bench",
});
