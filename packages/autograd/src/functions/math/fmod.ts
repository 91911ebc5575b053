import * as k from "@chain/array/kernel";
import { elementwiseFunction } from "../elementwise-function.js";

/** Remainder of `x / divisor` with the sign of `x` (Chainer's `fmod`); operands broadcast. */
export const fmod = elementwiseFunction("fmod", (x, divisor) => k.fmod(x, divisor));
