// What tests try with iterators that load examples in threads, which need the built package.
// Arguments: the name of a scenario, and its arguments as JSON; the result is printed as JSON.
import { random } from "@chain/array";
import * as L from "@chain/links";
import { fromNpz, toNpz } from "@chain/links/serializers";
import { SGD } from "@chain/optimizers";
import {
  datasetModule,
  extensions,
  MultithreadIterator,
  SerialIterator,
  StandardUpdater,
  Trainer,
} from "@chain/training";
import { readdir } from "node:fs/promises";

const datasets = datasetModule(new URL("./datasets.js", import.meta.url));

function stateOf({ currentPosition, epoch, epochDetail, isNewEpoch, previousEpochDetail }) {
  return [currentPosition, epoch, epochDetail, isNewEpoch, previousEpochDetail];
}

/** Minibatches with what the iterator says after each; null where it has stopped. */
function steps(iterator, count) {
  return Array.from({ length: count }, () => {
    try {
      const batch = iterator.next().map((example) => (Array.isArray(example) ? example.map(plain) : example));
      return [batch, stateOf(iterator)];
    } catch (error) {
      return [error.name, stateOf(iterator)];
    }
  });
}

function plain(value) {
  return typeof value === "object" ? value.tolistSync() : value;
}

async function threads() {
  return (await readdir("/proc/self/task")).length;
}

async function settled(expected) {
  for (let tries = 0; tries < 500 && (await threads()) !== expected; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return threads();
}

const scenarios = {
  /** The same steps of a SerialIterator, and with each number of threads, in many cases. */
  async compare(cases, threadCounts) {
    const found = [];
    for (const [length, batchSize, count, options] of cases) {
      // Examples that draw no random numbers, as those in threads draw none of the program's.
      const indices = Array.from({ length }, (_, index) => [index]);
      random.seed(5);
      const serial = steps(new SerialIterator(indices, batchSize, options), count);
      const threaded = [];
      for (const nThreads of threadCounts) {
        random.seed(5);
        const settings = { ...options, nThreads, nPrefetch: nThreads };
        const iterator = await MultithreadIterator.open(datasets.dataset("numbered", length), batchSize, settings);
        threaded.push(steps(iterator, count));
        iterator.finalize();
      }
      found.push({ serial, threaded });
    }
    return found;
  },

  /** What happens to a SerialIterator, and to one with threads, when the same is done to both: scripts of operations. */
  async scripts(length, batchSize, options, scripts) {
    const run = async (iterator, operations) => {
      random.seed(5);
      iterator.reset();
      let saved = await toNpz(iterator);
      const log = [];
      const perform = {
        next: () => log.push(...steps(iterator, 1)),
        reset: () => iterator.reset(),
        skip: () => iterator.nextIndices(),
        save: async () => (saved = await toNpz(iterator)),
        load: () => fromNpz(saved, iterator),
        sweep: () => log.push(...steps(iterator.sweep(), 2)),
      };
      for (const operation of operations) await perform[operation]();
      return log;
    };
    const indices = Array.from({ length }, (_, index) => [index]);
    const recipe = datasets.dataset("indices", length);
    const threaded = await MultithreadIterator.open(recipe, batchSize, { ...options, nThreads: 3, nPrefetch: 2 });
    const found = [];
    for (const operations of scripts) {
      const serial = await run(new SerialIterator(indices, batchSize, options), operations);
      found.push([serial, await run(threaded, operations)]);
    }
    threaded.finalize();
    return found;
  },

  /** Goes on from snapshots of every step, with another number of threads and another seed. */
  async resume(length, batchSize, count, options) {
    const open = (nThreads) =>
      MultithreadIterator.open(datasets.dataset("numbered", length), batchSize, { ...options, nThreads, nPrefetch: 2 });
    random.seed(6);
    const iterator = await open(2);
    const [resumed, snapshots] = [[], []];
    const whole = [];
    for (let step = 0; step < count; step++) {
      snapshots.push([await toNpz(iterator), random.getState()]);
      whole.push(...steps(iterator, 1));
    }
    iterator.finalize();
    random.seed(7);
    const other = await open(3);
    for (const [step, [bytes, state]] of snapshots.entries()) {
      other.next(); // there is something prefetched that will not be wanted
      fromNpz(bytes, other);
      random.setState(state);
      resumed.push(steps(other, count - step));
    }
    other.finalize();
    return { whole, resumed };
  },

  async mixed() {
    const settings = { shuffle: false, repeat: false, nThreads: 2 };
    const iterator = await MultithreadIterator.open(datasets.dataset("mixed"), 4, settings);
    const found = [...iterator].flat();
    iterator.finalize();
    const dtypes = found[1].map(({ dtype, shape }) => [dtype, shape]);
    const kinds = [found[2].x.constructor.name, found[2].x.buffer.constructor.name];
    return { dtypes, kinds, values: JSON.parse(JSON.stringify(found.map(valuesOf))) };
  },

  async reset() {
    const iterator = await MultithreadIterator.open(datasets.dataset("numbered", 6), 2, {
      shuffle: false,
      nPrefetch: 3,
    });
    const first = steps(iterator, 2);
    iterator.reset();
    const again = steps(iterator, 2);
    const sweep = [...iterator.sweep()].map((batch) => batch.map(([index]) => index));
    const [alone] = iterator.dataset.at(-1);
    const after = steps(iterator, 1);
    iterator.finalize();
    return { first, again, sweep, alone, after, length: iterator.dataset.length };
  },

  async fail(name, args, options) {
    const before = await threads();
    const settings = { shuffle: false, nThreads: 2, ...options };
    const log = [];
    try {
      const iterator = await MultithreadIterator.open(datasets.dataset(name, ...args), 2, settings);
      for (let step = 0; step < 5; step++) {
        try {
          log.push(iterator.next());
        } catch (error) {
          log.push([error.name, error.index, error.message, String(error.cause), error.cause?.stack?.split("\n")[1]]);
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      iterator.finalize();
    } catch (error) {
      log.push(["open", error.name, error.index, error.message]);
    }
    return { log, left: (await settled(before)) - before };
  },

  async shared(length) {
    const counts = new Int32Array(new SharedArrayBuffer(4 * length));
    const settings = { repeat: false, nThreads: 2, nPrefetch: 3 };
    const iterator = await MultithreadIterator.open(datasets.dataset("counted", counts), 2, settings);
    const found = [...iterator].flat();
    iterator.finalize();
    return [found, [...counts]];
  },

  async order(length, nThreads) {
    random.seed(8);
    const iterator = await MultithreadIterator.open(datasets.dataset("shuffled", length), length, {
      shuffle: false,
      nThreads,
    });
    const order = iterator.next();
    iterator.finalize();
    return order;
  },

  /** Threads, and listeners of the process, before, during and after many sweeps. */
  async sweeps(count) {
    const listeners = () => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
    const numbers = async () => [await threads(), listeners()];
    const before = await numbers();
    const training = await MultithreadIterator.open(datasets.dataset("numbered", 12), 4, { nThreads: 2, nPrefetch: 2 });
    const during = [];
    let evaluated = 0;
    while (training.epoch < count) {
      training.next();
      if (!training.isNewEpoch) continue;
      evaluated += [...training.sweep()].flat().length;
      during.push(await numbers());
    }
    training.finalize();
    const opened = [];
    for (let i = 0; i < 10; i++) {
      const other = await MultithreadIterator.open(datasets.dataset("numbered", 12), 4);
      opened.push(other.next().length);
      other.finalize();
    }
    const after = [await settled(before[0]), listeners()];
    return { before, evaluated, during: [...new Set(during.map(String))], after, opened };
  },

  /** Trains, and goes on from the latest snapshot; the weights, and how many threads are left. */
  async train(out, iterations, nThreads, writer = "wait") {
    random.seed(9);
    const layer = new L.Linear(2, 3);
    const before = await threads();
    const settings = { nThreads, nPrefetch: 2 };
    const iterator = await MultithreadIterator.open(datasets.dataset("points", 20), 8, settings);
    const updater = new StandardUpdater(iterator, new SGD({ lr: 0.1 }).setup(new L.Classifier(layer)));
    const trainer = new Trainer(updater, { stopTrigger: [iterations, "iteration"], out });
    const check = await MultithreadIterator.open(datasets.dataset("points", 10), 4, { repeat: false, shuffle: false });
    trainer.extend(new extensions.Evaluator(check, updater.getOptimizer("main").target));
    trainer.extend(new extensions.LogReport());
    trainer.extend(extensions.snapshot({ autoload: true, nRetains: 2, writer }), { trigger: [3, "iteration"] });
    await trainer.run();
    const weights = await layer.W.array.tolist();
    return { iteration: updater.iteration, weights, left: (await settled(before)) - before };
  },

  /** Ends although nobody has finalized the iterator. */
  async forget() {
    const iterator = await MultithreadIterator.open(datasets.dataset("numbered", 6), 2, { nThreads: 2 });
    return iterator.next().length;
  },
};

function valuesOf(value) {
  if (Array.isArray(value)) return value.map(valuesOf);
  return typeof value === "object" && value !== null && "tolistSync" in value ? value.tolistSync() : value;
}

const [name = "", ...args] = process.argv.slice(2);
console.log(JSON.stringify(await scenarios[name](...args.map((text) => JSON.parse(text)))));
