/**
 * The program of a thread that starts the workers and tells how they end. The main thread may sleep while it waits for an
 * example; this one never does, so that a worker which dies does not go unnoticed.
 */
import { Worker, workerData } from "node:worker_threads";
import { reportOf, ring, type Ending, type WatcherSetup, type WorkerSetup } from "./messages.js";

const { cells, endings, ports, recipe, seed } = workerData as WatcherSetup;
// Workers are the threads here: each computes with one, on the device that is the default.
const env = { ...process.env, CHAIN_THREADS: "1", CHAIN_DEVICE: "" };

for (const [worker, port] of ports.entries()) {
  const setup: WorkerSetup = { worker, recipe, seed, cells, port };
  const thread = new Worker(new URL("./worker.js", import.meta.url), {
    workerData: setup,
    transferList: [port],
    env,
    name: `chain examples ${worker + 1}`,
  });
  const tell = (ending: Omit<Ending, "worker">): void => {
    const message: Ending = { worker, ...ending };
    endings.postMessage(message, []);
    ring(cells);
  };
  thread.on("error", (error) => tell({ error: reportOf(error), status: null }));
  thread.on("exit", (status) => tell({ error: null, status }));
}
