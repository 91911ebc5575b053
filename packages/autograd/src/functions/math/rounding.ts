/** Functions that are constant between jumps: they have no gradient. */
import * as k from "@chain/array/kernel";
import { elementwiseFunction } from "../elementwise-function.js";

/** The next whole number from above. */
export const ceil = elementwiseFunction("ceil", (x) => k.ceil(x));
/** The next whole number from below. */
export const floor = elementwiseFunction("floor", (x) => k.floor(x));
/** The next whole number towards zero. */
export const fix = elementwiseFunction("fix", (x) => k.trunc(x));
/** -1, 0 or 1. */
export const sign = elementwiseFunction("sign", (x) => k.where(k.gt(x, 0), 1, k.where(k.lt(x, 0), -1, x)), {
  gradient: () => [null],
});
