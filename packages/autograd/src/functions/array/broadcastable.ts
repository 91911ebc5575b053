import { broadcastShapes, type Shape } from "@chain/array";
import { formatShape } from "../../shape.js";
import { invalidType } from "../../type-check.js";

/** Throws `InvalidType` unless the shapes broadcast together. */
export function expectBroadcastable(label: string, xs: readonly { readonly shape: Shape }[]): void {
  try {
    broadcastShapes(...xs.map((x) => x.shape));
  } catch {
    const shapes = xs.map((x) => formatShape(x.shape)).join(" and ");
    throw invalidType(label, "shapes that broadcast together", shapes);
  }
}
