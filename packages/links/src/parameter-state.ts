import { full, keep, NdArray, toDevice } from "@chain/array";
import { config, type Parameter } from "@chain/autograd";
import { SerializationError } from "./serializers/serialization-error.js";
import type { AbstractSerializer } from "./serializers/serializer.js";

/** Saves or loads one parameter. A parameter without an array is saved as None, and gets the one that was saved. */
export function serializeParam(serializer: AbstractSerializer, name: string, param: Parameter): void {
  if (param.isInitialized) {
    serializer.value(name, param.array);
    return;
  }
  const stored = serializer.value<NdArray | number | boolean | string | null>(name, null);
  if (stored === null) return;
  if (typeof stored === "string") throw new SerializationError(`"${name}" is a text, not a parameter`);
  const { initializer } = param;
  const dtype = (typeof initializer === "object" ? initializer?.dtype : null) ?? config.dtype;
  const array = stored instanceof NdArray ? stored.astype(dtype) : full([], Number(stored), { dtype });
  param.array = keep(toDevice(array, param.device));
}

/** Copies a parameter's elements; whichever has no array yet gets one of the other's shape. */
export function copyParam(to: Parameter, from: Parameter): void {
  if (!from.isInitialized) {
    if (!to.isInitialized) return;
    from.initialize(to.shape);
  }
  if (to.isInitialized) to.copydata(from);
  else to.array = keep(toDevice(from.array.copy(), to.device));
}
