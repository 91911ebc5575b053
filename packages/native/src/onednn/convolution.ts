import { NdArray, type Routines } from "@chain/array";
import { elementwise, lt, where } from "@chain/array/kernel";
import { addressOf } from "../address.js";
import type { OneDnn } from "./library.js";
import { PlanCache } from "./plan-cache.js";
import type { Convolution } from "./plan.js";

/** The routines of convolutions. */
export type ConvolutionRoutines = Pick<Routines, "convolution" | "convolutionGradInput" | "convolutionGradWeight">;

/**
 * Convolutions of float32 along one to three axes by oneDNN. What it has no good code for goes to `own`, the device's routines.
 */
export function oneDnnConvolutions(library: OneDnn, own: Partial<Routines>): ConvolutionRoutines {
  const plans = new PlanCache(library);

  const run = (convolution: Convolution, inputs: readonly NdArray[], out: NdArray): boolean => {
    if (out.dtype !== "float32" || out.ndim < 3 || out.ndim > 5) return false;
    const plan = plans.get(convolution);
    if (plan === null) return false;
    // Taken like any array, so that it is counted, and used again as soon as it is free.
    const scratch = NdArray.allocate(out.storage.backend, "uint8", [plan.scratchBytes]);
    try {
      plan.run(inputs.map(addressOf), addressOf(out), addressOf(scratch));
    } finally {
      scratch.dispose();
    }
    return true;
  };

  return {
    convolution: (x, w, out, geometry, { bias, activation }) => {
      const shapes = { x: x.shape, w: w.shape, y: out.shape };
      const inputs = bias === null ? [x, w] : [x, w, bias];
      if (!run({ direction: "forward", ...shapes, bias: bias !== null, geometry }, inputs, out)) {
        return own.convolution?.(x, w, out, geometry, { bias, activation }) ?? false;
      }
      if (activation === "relu") relu.into(out, out);
      return true;
    },
    convolutionGradInput: (gy, w, gx, geometry) => {
      const shapes = { x: gx.shape, w: w.shape, y: gy.shape };
      return (
        run({ direction: "gradInput", ...shapes, bias: false, geometry }, [gy, w], gx) ||
        (own.convolutionGradInput?.(gy, w, gx, geometry) ?? false)
      );
    },
    convolutionGradWeight: (x, gy, gw, geometry) => {
      const shapes = { x: x.shape, w: gw.shape, y: gy.shape };
      return (
        run({ direction: "gradWeight", ...shapes, bias: false, geometry }, [x, gy], gw) ||
        (own.convolutionGradWeight?.(x, gy, gw, geometry) ?? false)
      );
    },
  };
}

/** Keeps NaN. */
const relu = elementwise("relu", (x) => where(lt(x, 0), 0, x));
