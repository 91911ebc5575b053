import type { Backend } from "../backend.js";
import { fromElements } from "../creation/from-host.js";
import { openDevice } from "../device.js";
import type { DType } from "../dtype.js";
import type { NdArray } from "../ndarray.js";
import type { Shape } from "../shape.js";

/** What came of a case that did not fail. */
export type ConformanceOutcome = "passed" | "skipped";

/** One thing that a backend must do. */
export interface ConformanceCase {
  /** What it is about: `operation exp of float32`. */
  readonly name: string;
  /** The dtypes without which it makes no sense. */
  readonly dtypes: readonly DType[];
  /**
   * Tries it. "skipped" means that the backend has no arrays of a dtype that the case is about.
   *
   * @throws ConformanceError that says what was expected and what came.
   */
  readonly run: () => Promise<ConformanceOutcome>;
}

/** A case before it is bound to a device. */
export interface CaseDefinition {
  readonly name: string;
  /** The dtypes without which the case makes no sense. */
  readonly dtypes: readonly DType[];
  readonly body: (context: Context) => Promise<void>;
}

/** What a case works on: one device. */
export class Context {
  constructor(readonly backend: Backend) {}

  /** A new array from numbers in C order. */
  readonly array = (values: ArrayLike<number>, dtype: DType = "float32", shape: Shape = [values.length]): NdArray =>
    fromElements(values, dtype, shape, this.backend);
}

/** Defines a case. */
export function define(
  name: string,
  dtypes: readonly DType[],
  body: (context: Context) => Promise<void>,
): CaseDefinition {
  return { name, dtypes, body };
}

/** Binds a case to a device, which is opened when the case is run. */
export function bind({ name, dtypes, body }: CaseDefinition, device: string): ConformanceCase {
  return {
    name,
    dtypes,
    run: async () => {
      const backend = await openDevice(device);
      if (!dtypes.every((dtype) => backend.supports(dtype))) return "skipped";
      await body(new Context(backend));
      return "passed";
    },
  };
}
