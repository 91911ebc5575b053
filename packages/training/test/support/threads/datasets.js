// Data sets for threads, in a module as threads import it.
import { array, random } from "@chain/array";
import { threadId } from "node:worker_threads";

/** Each example says which it is, and has random numbers of its own. */
export function numbered(length) {
  return { length, getExample: (index) => [index, random.random(), random.uniform(0, 1, [2])] };
}

/** Each example is a list of its index. */
export function indices(length) {
  return Array.from({ length }, (_, index) => [index]);
}

/** Points with the class that they belong to; moved at random. */
export function points(length) {
  return { length, getExample: (index) => [random.normal(index % 3, 0.1, [2]), index % 3] };
}

/** Every example is of another kind. */
export function mixed() {
  return [
    "text",
    [array([[1, 2]], { dtype: "float16" }), array([true, false]), array([7], { dtype: "uint8" })],
    { x: Float64Array.of(1 / 3), y: { z: [1, [2, "two"]], nothing: null } },
    array(5, { dtype: "int32" }),
    [],
    true,
  ];
}

/** Counts in an array how often each example was loaded. */
export function counted(counts) {
  return { length: counts.length, getExample: (index) => Atomics.add(counts, index, 1) };
}

/** In random order, which nobody has seeded. */
export async function shuffled(length) {
  const order = Array.from({ length }, (_, i) => i);
  random.shuffle(order);
  return order;
}

/** Fails at example 5 of 8, as it is told. */
export function broken(how) {
  const fail = {
    throws: () => {
      throw new RangeError("no such picture");
    },
    exits: () => process.exit(3),
    hangs: () => {
      for (;;);
    },
    hoards: () => {
      const hoard = [];
      for (;;) hoard.push(Array.from({ length: 1e5 }, (_, i) => i));
    },
  };
  return {
    length: 8,
    getExample(index) {
      if (index === 5) fail[how]();
      return index;
    },
  };
}

/** Is whole, but something that it has begun goes wrong later. */
export function delayed() {
  const fail = () => {
    throw new TypeError("the connection is gone");
  };
  return {
    length: 8,
    getExample(index) {
      if (index === 1) setImmediate(fail);
      return index;
    },
  };
}

export function missing() {
  throw new Error("there is no such folder");
}

export const never = () => new Promise(() => {});

export const exits = () => process.exit(4);

/** Of another length in each thread. */
export const different = () => Array.from({ length: threadId }, () => 0);

export const five = () => 5;

export const list = [1, 2, 3];
