import { datasetModule, MultithreadIterator } from "@chain/training";
import { sample, type Session } from "../contestant.js";
import type * as examples from "./examples.js";

const module = datasetModule<typeof examples>(new URL("./examples.js", import.meta.url));

/** A minibatch that threads load when it is asked for, each a part of it. Nothing is loaded before that would not be timed. */
export async function loadExamples(batchSize: number): Promise<Session> {
  const nThreads = Number(process.env["CHAIN_THREADS"] ?? 1);
  const recipe = module.dataset("slowExamples", batchSize);
  const iterator = await MultithreadIterator.open(recipe, batchSize, { nThreads, nPrefetch: 0, shuffle: false });
  return {
    run: () => void iterator.next(),
    result: () => Promise.resolve(sample(iterator.next())),
  };
}
