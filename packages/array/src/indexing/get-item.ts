import { DeviceError } from "../errors.js";
import type { NdArray } from "../ndarray.js";
import { viewOf } from "../views.js";
import { basicView } from "./basic.js";
import { parseIndex, type Indices } from "./parse.js";

export function getItem(x: NdArray, indices: Indices): NdArray {
  const steps = parseIndex(x.shape, indices);
  if (steps.some((step) => step.kind === "pick")) throw new DeviceError("not yet");
  return viewOf(x, basicView(x, steps));
}
