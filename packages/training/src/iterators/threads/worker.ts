/** The program of a thread that loads examples: see `example-loader.ts`. */
import { Generator, random, scope, ValueError } from "@chain/array";
import { workerData } from "node:worker_threads";
import { exampleOf, type DatasetLike } from "../../dataset/dataset.js";
import type { DatasetRecipe } from "../dataset-module.js";
import { currentCell, progressCell, reportOf, ring, type Reply, type Task, type WorkerSetup } from "./messages.js";
import { packExamples } from "./packed-examples.js";

const { cells, port, recipe, seed, worker } = workerData as WorkerSetup;

try {
  random.seed(seed); // what a data set draws as it is made is the same in every worker
  const dataset = await makeDataset(recipe);
  port.on("message", (task: Task) => answer(load(dataset, task)));
  answer({ kind: "ready", length: dataset.length });
} catch (error) {
  answer({ kind: "failed", error: reportOf(error) });
}

function answer(reply: Reply): void {
  port.postMessage(reply);
  ring(cells);
}

async function makeDataset({ args, module, name }: DatasetRecipe<unknown>): Promise<DatasetLike<unknown>> {
  const exported = (await import(module)) as Readonly<Record<string, unknown>>;
  const make = exported[name];
  if (typeof make !== "function") throw new ValueError(`${module} exports no function "${name}"`);
  const dataset: unknown = await (make as (...values: readonly unknown[]) => unknown)(...args);
  if (!isDataset(dataset)) {
    throw new ValueError(`"${name}" of ${module} gives no data set: one has a length, and getExample or is a list`);
  }
  return dataset;
}

function isDataset(value: unknown): value is DatasetLike<unknown> {
  if (Array.isArray(value)) return true;
  if (typeof value !== "object" || value === null || !("length" in value) || !("getExample" in value)) return false;
  return typeof value.length === "number" && typeof value.getExample === "function";
}

function load(dataset: DatasetLike<unknown>, { id, indices, memory, ordinal, seed: base }: Task): Reply {
  let index = indices[0] as number;
  try {
    const examples = scope(() => {
      const made: unknown[] = [];
      for (const [i, position] of indices.entries()) {
        index = position;
        Atomics.store(cells, currentCell(worker), index + 1);
        seedExample(base, ordinal + i);
        made.push(scope(() => exampleOf(dataset, index)));
        Atomics.add(cells, progressCell(worker), 1);
      }
      return packExamples(made, memory);
    });
    return { kind: "loaded", id, examples };
  } catch (error) {
    return { kind: "refused", id, index, error: reportOf(error) };
  } finally {
    Atomics.store(cells, currentCell(worker), 0);
  }
}

/** Random numbers of an example follow from its place in the training, whoever loads it, and when. */
function seedExample(base: number, ordinal: number): void {
  const generator = new Generator(base);
  generator.state = { seed: base, counter: ordinal };
  random.seed(Math.floor(generator.random() * 2 ** 53));
}
