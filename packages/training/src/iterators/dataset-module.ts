import { NdArray, ValueError } from "@chain/array";
import type { DatasetLike, ExampleOf } from "../dataset/dataset.js";

/** Functions that make a data set, at once or later. */
type DatasetFunction = (...args: never[]) => DatasetLike<unknown> | Promise<DatasetLike<unknown>>;

/** Names of a module's functions that make data sets. */
type DatasetFunctionName<M> = {
  [K in keyof M & string]: M[K] extends DatasetFunction ? K : never;
}[keyof M & string];

type ArgumentsOf<F> = F extends (...args: infer A) => unknown ? A : never;
type MadeBy<F> = F extends (...args: never[]) => infer R ? ExampleOf<Awaited<R>> : never;

/**
 * How a thread makes a data set, which itself cannot be sent there: a module, the name of a function that it exports, and
 * the function's arguments. {@link datasetModule} gives it.
 */
export interface DatasetRecipe<E> {
  /** Address of the module. */
  readonly module: string;
  /** Name of the function. */
  readonly name: string;
  readonly args: readonly unknown[];
  /** Never there; it tells the compiler what the examples are. */
  readonly exampleType?: E;
}

/** A module that exports functions which make data sets; `M` is its type. */
export interface DatasetModule<M> {
  /**
   * The data set that the function `name` of the module makes of `args`, in every thread anew.
   *
   * @throws ValueError for arguments that cannot be sent to a thread: functions, and objects with methods.
   */
  dataset<N extends DatasetFunctionName<M>>(name: N, ...args: ArgumentsOf<M[N]>): DatasetRecipe<MadeBy<M[N]>>;
}

/**
 * A module with functions that make data sets, for iterators that load examples in other threads.
 *
 * ```ts
 * import type * as digits from "./digits.js";
 *
 * const module = datasetModule<typeof digits>(new URL("./digits.js", import.meta.url));
 * const iterator = await MultithreadIterator.open(module.dataset("trainingDigits", 28), 100, { nThreads: 2 });
 * ```
 *
 * @param address of the module as it is run: JavaScript, where Node does not run TypeScript by itself
 */
export function datasetModule<M>(address: URL): DatasetModule<M> {
  return {
    dataset: (name, ...args) => {
      checkArguments(name, args);
      return { module: address.href, name, args };
    },
  };
}

function checkArguments(name: string, args: readonly unknown[]): void {
  for (const [position, value] of args.entries()) {
    const refuse = (what: string, cause?: unknown): never => {
      throw new ValueError(
        `argument ${position} of "${name}" has to be sent to another thread, which ${what} cannot be: ` +
          "give numbers, strings, lists, plain objects or typed arrays",
        { cause },
      );
    };
    if (value instanceof NdArray) refuse("an NdArray");
    try {
      structuredClone(value);
    } catch (error) {
      refuse("it", error);
    }
  }
}
