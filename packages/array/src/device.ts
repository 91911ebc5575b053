import { initialDevice } from "#built-in-backends";
import type { Backend } from "./backend.js";
import { factories, messageOf, open, opened, unknownDevice } from "./backend-registry.js";
import { environmentVariable } from "./environment.js";
import { DeviceError } from "./errors.js";
import { importPackage } from "./import-package.js";

let defaultBackend: Backend | undefined;

/** Names of all registered backends. */
export function registeredBackends(): string[] {
  return [...factories.keys()];
}

/**
 * Opens a device, waiting for it if it has to be asked for. Opening it again gives the same backend. A name that nobody has
 * registered is looked for in the package `@chain/backend-<name>`, which registers it when it is imported.
 *
 * @throws DeviceError when the name is unknown, and there is no such package; when the device cannot be had; when its backend is
 *   written for another version of the interface
 */
export async function openDevice(name: string): Promise<Backend> {
  if (!factories.has(name)) await importBackend(name);
  return open(name);
}

/**
 * The backend of a device, opened if that needs no waiting.
 *
 * @throws DeviceError when the name is unknown, or the device has to be opened with `await openDevice(name)` first.
 */
export function getBackend(name: string): Backend {
  const backend = open(name);
  if (!(backend instanceof Promise)) return backend;
  backend.catch(() => undefined); // whoever awaits openDevice gets the reason
  throw new DeviceError(`device "${name}" opens asynchronously: await openDevice("${name}") before using it`);
}

/** Forgets an opened device, so that its next use makes a new one (after the device was lost, say). */
export function closeDevice(name: string): void {
  if (defaultBackend?.name === name) defaultBackend = undefined;
  opened.delete(name);
}

/**
 * Chooses the device on which arrays are made when none is named. Takes effect at once for devices that need no
 * waiting (in Node the `cpu`), otherwise when the returned promise resolves. Names are looked for as {@link openDevice} does.
 */
export function setDefaultDevice(name: string): Promise<void> {
  const backend = factories.has(name) ? open(name) : openDevice(name);
  if (!(backend instanceof Promise)) {
    defaultBackend = backend;
    return Promise.resolve();
  }
  return backend.then((ready) => {
    defaultBackend = ready;
  });
}

/**
 * The name of the device on which arrays are made when none is named: that of {@link setDefaultDevice}, else `CHAIN_DEVICE`, else
 * `cpu` in Node and `js` in a page, which has to load the `cpu`.
 */
export function getDefaultDevice(): string {
  return getDefaultBackend().name;
}

/** The backend behind {@link getDefaultDevice}. */
export function getDefaultBackend(): Backend {
  defaultBackend ??= getBackend(environmentVariable("CHAIN_DEVICE") ?? initialDevice);
  return defaultBackend;
}

/**
 * The name of the device on which the processor computes: `cpu`, or `js` in a page that has not opened that. It has every dtype, and
 * can be read at once.
 */
export function getHostDevice(): string {
  return opened.has("cpu") ? "cpu" : initialDevice;
}

/** Backends that have been opened. */
export function openedBackends(): Backend[] {
  return [...opened.values()];
}

/**
 * Waits while much work is queued on a device. Calls return before a GPU has done its part, so a loop that never reads
 * should await this once in a while (a `Trainer` does): otherwise it may queue hours of work, and the memory for it.
 */
export async function keepPace(): Promise<void> {
  for (const backend of opened.values()) {
    const backlog = backend.pace?.() ?? null;
    if (backlog !== null) await backlog;
  }
}

/** Imports the package that a device is named after. */
async function importBackend(name: string): Promise<void> {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) {
    throw unknownDevice(name, "a package is looked for by names of small letters, digits and hyphens only");
  }
  const specifier = `@chain/backend-${name}`;
  let found: boolean;
  try {
    found = await importPackage(specifier);
  } catch (error) {
    throw new DeviceError(`${specifier} was found and cannot be imported: ${messageOf(error)}`, { cause: error });
  }
  if (!found) throw unknownDevice(name, `there is no package ${specifier} to import`);
  if (!factories.has(name)) {
    throw new DeviceError(
      `${specifier} was imported and did not register the device "${name}": is there a second copy of @chain/array ` +
        "(npm ls @chain/array)?",
    );
  }
}
