import { interfaceVersion, type Backend } from "../backend.js";
import { DeviceError } from "../errors.js";

const methods = "supports allocate free write read compile print isNative synchronize memory".split(" ");

/**
 * Refuses what types cannot: a backend that was written for another version of this package, or in JavaScript.
 *
 * @throws DeviceError that says what is missing
 */
export function checkBackend(name: string, backend: Backend): void {
  const made: unknown = backend;
  if (typeof made !== "object" || made === null) {
    throw new DeviceError(`the factory of device "${name}" gave ${String(made)} instead of a backend`);
  }
  const { interfaceVersion: version } = made as { interfaceVersion?: unknown };
  if (version !== interfaceVersion) {
    throw new DeviceError(
      version === undefined
        ? `device "${name}": its backend does not say which version of the interface it is written for; if it is the ` +
            `one that this @chain/array has, add interfaceVersion: ${interfaceVersion}`
        : `device "${name}": its backend is written for version ${JSON.stringify(version)} of the interface, this @chain/array ` +
            `has version ${interfaceVersion}: install versions of the two packages that fit each other`,
    );
  }
  const missing = methods.filter((method) => typeof (made as Record<string, unknown>)[method] !== "function");
  if (missing.length > 0) throw new DeviceError(`device "${name}": its backend has no ${missing.join("(), no ")}()`);
  if (typeof backend.routines !== "object") {
    throw new DeviceError(`device "${name}": its backend has no routines; an empty object is enough`);
  }
  if (backend.name !== name) {
    throw new DeviceError(`device "${name}": its backend calls itself "${backend.name}"; the names must be the same`);
  }
}
