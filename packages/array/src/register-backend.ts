import type { Backend, BackendFactory } from "./backend.js";
import { addProvider, factories, type RoutineProvider } from "./backend-registry.js";
import { checkBackend, checkRoutines } from "./backends/check.js";
import { DeviceError } from "./errors.js";
import { elementaryExpansion } from "./kernel/elementary.js";
import { bitonicArgsort } from "./sorting/bitonic.js";

/**
 * Makes a backend selectable by name everywhere a device is named: `setDefaultDevice`, `toDevice`, `CHAIN_DEVICE`.
 * Registering a name again replaces the factory for devices that have not been opened yet.
 */
export function registerBackend(name: string, factory: BackendFactory): void {
  if (name === "") throw new DeviceError("a backend needs a name");
  const received = (backend: Backend): Backend => {
    checkBackend(name, backend);
    // The backends of this package bring what they need of these, so that pages carry no more.
    backend.expansions ??= elementaryExpansion;
    if (backend.readSync === undefined) backend.routines = { argsort: bitonicArgsort, ...backend.routines };
    return backend;
  };
  factories.set(name, () => {
    const made = factory();
    return made instanceof Promise ? made.then(received) : received(made);
  });
}

/**
 * Replaces routines of a device (matrix products by a library's, say), from now on and whenever it is opened again. Of
 * several providers the last one comes first.
 */
export function provideRoutines(name: string, provider: RoutineProvider): void {
  addProvider(name, (backend) => {
    const provided = provider(backend);
    checkRoutines(name, provided);
    return provided;
  });
}
