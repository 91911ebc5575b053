import { builtInBackends, initialDevice } from "#built-in-backends";
import type { Backend, BackendFactory } from "./backend.js";
import { checkBackend, checkRoutines } from "./backends/check.js";
import { environmentVariable } from "./environment.js";
import { ChainError, DeviceError } from "./errors.js";
import { importPackage } from "./import-package.js";
import type { Routines } from "./routines.js";

/**
 * Routines for a backend that somebody else wrote. Those it has already are in `backend.routines`: what a provider does not
 * take on, it hands to them.
 */
export type RoutineProvider = (backend: Backend) => Partial<Routines>;

const factories = new Map<string, BackendFactory>(builtInBackends);
const providers = new Map<string, RoutineProvider[]>();
const opened = new Map<string, Backend>();
const opening = new Map<string, Promise<Backend>>();
let defaultBackend: Backend | undefined;

/**
 * Makes a backend selectable by name everywhere a device is named: `setDefaultDevice`, `toDevice`, `CHAIN_DEVICE`.
 * Registering a name again replaces the factory for devices that have not been opened yet.
 */
export function registerBackend(name: string, factory: BackendFactory): void {
  if (name === "") throw new DeviceError("a backend needs a name");
  factories.set(name, factory);
}

/**
 * Replaces routines of a device (matrix products by a library's, say), from now on and whenever it is opened again. Of
 * several providers the last one comes first.
 */
export function provideRoutines(name: string, provider: RoutineProvider): void {
  providers.set(name, [...(providers.get(name) ?? []), provider]);
  const backend = opened.get(name);
  if (backend !== undefined) adopt(backend, provider);
}

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

function unknownDevice(name: string, what: string): DeviceError {
  return new DeviceError(`unknown device "${name}": registered are ${registeredBackends().join(", ")}; ${what}`);
}

function factoryOf(name: string): BackendFactory {
  const factory = factories.get(name);
  if (factory !== undefined) return factory;
  throw unknownDevice(
    name,
    `import the package that registers it before, or await openDevice("${name}"), which looks for @chain/backend-${name}`,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What a factory throws, with the name of the device; errors of this package say it themselves. */
function notOpened(name: string, error: unknown): unknown {
  if (error instanceof ChainError) return error;
  return new DeviceError(`device "${name}" cannot be opened: ${messageOf(error)}`, { cause: error });
}

function open(name: string): Backend | Promise<Backend> {
  const existing = opened.get(name) ?? opening.get(name);
  if (existing !== undefined) return existing;
  const factory = factoryOf(name);
  let made: Backend | Promise<Backend>;
  try {
    made = factory();
  } catch (error) {
    throw notOpened(name, error);
  }
  if (!(made instanceof Promise)) return admit(name, made);
  const pending = made
    .catch((error: unknown) => {
      throw notOpened(name, error);
    })
    .then((backend) => admit(name, backend))
    .finally(() => opening.delete(name));
  opening.set(name, pending);
  return pending;
}

/** Notes a backend as opened, with the routines that were provided for it. */
function admit(name: string, backend: Backend): Backend {
  checkBackend(name, backend);
  for (const provider of providers.get(name) ?? []) adopt(backend, provider);
  opened.set(name, backend);
  return backend;
}

function adopt(backend: Backend, provider: RoutineProvider): void {
  const provided = provider(backend);
  checkRoutines(backend.name, provided);
  backend.routines = { ...backend.routines, ...provided };
}
