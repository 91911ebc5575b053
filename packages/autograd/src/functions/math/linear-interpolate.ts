import * as k from "@chain/array/kernel";
import { elementwiseFunction } from "../elementwise-function.js";

/** `p · x + (1 - p) · y` (Chainer's `linear_interpolate`). */
export const linearInterpolate = elementwiseFunction("linearInterpolate", (p, x, y) =>
  k.add(k.mul(p, x), k.mul(k.sub(1, p), y)),
);
