/** How backends come to be: factories by name, routines that were provided for them, and those that have been opened. */
import { builtInBackends } from "#built-in-backends";
import type { Backend, BackendFactory } from "./backend.js";
import { ChainError, DeviceError } from "./errors.js";
import type { Routines } from "./routines.js";

/**
 * Routines for a backend that somebody else wrote. Those it has already are in `backend.routines`: what a provider does not
 * take on, it hands to them.
 */
export type RoutineProvider = (backend: Backend) => Partial<Routines>;

export const factories = new Map<string, BackendFactory>(builtInBackends);
export const opened = new Map<string, Backend>();
const providers = new Map<string, RoutineProvider[]>();
const opening = new Map<string, Promise<Backend>>();

/** Provides routines for a device, whether it has been opened or will be. */
export function addProvider(name: string, provider: RoutineProvider): void {
  providers.set(name, [...(providers.get(name) ?? []), provider]);
  const backend = opened.get(name);
  if (backend !== undefined) adopt(backend, provider);
}

/** The backend of a device, opened now if it is not yet; a promise if that takes waiting. */
export function open(name: string): Backend | Promise<Backend> {
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
  for (const provider of providers.get(name) ?? []) adopt(backend, provider);
  opened.set(name, backend);
  return backend;
}

function adopt(backend: Backend, provider: RoutineProvider): void {
  backend.routines = { ...backend.routines, ...provider(backend) };
}

export function unknownDevice(name: string, what: string): DeviceError {
  return new DeviceError(`unknown device "${name}": registered are ${[...factories.keys()].join(", ")}; ${what}`);
}

function factoryOf(name: string): BackendFactory {
  const factory = factories.get(name);
  if (factory !== undefined) return factory;
  throw unknownDevice(
    name,
    `import the package that registers it before, or await openDevice("${name}"), which looks for @chain/backend-${name}`,
  );
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What a factory throws, with the name of the device; errors of this package say it themselves. */
function notOpened(name: string, error: unknown): unknown {
  if (error instanceof ChainError) return error;
  return new DeviceError(`device "${name}" cannot be opened: ${messageOf(error)}`, { cause: error });
}
