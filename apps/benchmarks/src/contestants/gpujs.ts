/** Chain on gpu.js (`CHAIN_BENCH_DEVICE=gpujs`): what does not take it minutes. */
import type { Contestant } from "../contestant.js";
import { contestant as chain } from "./chain.js";

const names = ["copy", "matmul", "add", "exp", "sum", "sumAxis0", "mlpStep", "mlpInference"] as const;

export const contestant: Contestant = Object.fromEntries(names.map((name) => [name, chain[name]]));
