import type { View } from "../views.js";
import type { Step } from "./parse.js";

/** What an index without arrays leaves of `view`: a view of the same memory. */
export function basicView(view: View, steps: readonly Step[]): View {
  const shape: number[] = [];
  const strides: number[] = [];
  let { offset } = view;
  for (const step of steps) {
    if (step.kind === "newaxis") {
      shape.push(1);
      strides.push(0);
    } else if (step.kind === "integer") {
      offset += step.index * (view.strides[step.axis] as number);
    } else if (step.kind === "slice") {
      const stride = view.strides[step.axis] as number;
      const range = step.slice.resolve(view.shape[step.axis] as number);
      shape.push(range.count);
      strides.push(stride * range.step);
      if (range.count > 0) offset += range.start * stride;
    }
  }
  return { shape, strides, offset };
}
