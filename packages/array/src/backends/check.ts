import { interfaceVersion, type Backend } from "../backend.js";
import { DeviceError } from "../errors.js";
import { routineNames } from "../routines.js";

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
  const routines: unknown = backend.routines;
  if (typeof routines !== "object" || routines === null) {
    throw new DeviceError(`device "${name}": its backend has no routines; an empty object is enough`);
  }
  checkRoutines(name, routines);
  if (backend.name !== name) {
    throw new DeviceError(`device "${name}": its backend calls itself "${backend.name}"; the names must be the same`);
  }
  if (!backend.supports("float32")) {
    throw new DeviceError(`device "${name}": its backend does not support float32, which every device has to`);
  }
}

/**
 * Refuses routines that nobody would call: names that are none, and what is no function.
 *
 * @throws DeviceError that says which
 */
export function checkRoutines(name: string, routines: object): void {
  for (const [routine, made] of Object.entries(routines)) {
    if (!(routineNames as readonly string[]).includes(routine)) {
      throw new DeviceError(`device "${name}": there is no routine "${routine}"; there are ${routineNames.join(", ")}`);
    }
    if (typeof made !== "function" && made !== undefined) {
      throw new DeviceError(`device "${name}": its routine "${routine}" is no function but ${String(made)}`);
    }
  }
}
