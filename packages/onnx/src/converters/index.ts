import { registerArrayConverters } from "./array.js";
import { registerElementwiseConverters } from "./elementwise.js";
import { registerMathConverters } from "./math.js";
import { registerNormalizationConverters } from "./normalization.js";
import { registerWindowConverters } from "./windows.js";

/** Registers the converters of Chain's functions. */
export function registerConverters(): void {
  registerArrayConverters();
  registerElementwiseConverters();
  registerMathConverters();
  registerNormalizationConverters();
  registerWindowConverters();
}
