/** What only Node can do. Its modules are asked for when they are needed, and absent before Node 20.16. */
type Modules = typeof process.getBuiltinModule;

const builtin: Modules | undefined = process.getBuiltinModule?.bind(process);

/** Whether there are worker threads of Node's. */
export const hasNodeThreads = builtin !== undefined;

/** How many processors there are, if that is known. */
export function processors(): number | undefined {
  return builtin?.("node:os").availableParallelism();
}

/** Runs a text in a thread that does not keep the process alive; `setup` in it is what is given here. Gives what ends the thread. */
export function startNodeThread(text: string, setup: unknown, name: string): (() => void) | null {
  if (builtin === undefined) return null;
  const { Worker } = builtin("node:worker_threads");
  const head = 'const setup = process.getBuiltinModule("node:worker_threads").workerData;';
  // The parent's flags (loaders, inspectors) are not for this thread.
  const worker = new Worker(head + text, { eval: true, workerData: setup, execArgv: [], name });
  worker.unref();
  return () => void worker.terminate();
}

/** Node's own garbage collector, which a flag reveals to contexts that are made after it was set. */
export function findCollector(): (() => void) | null {
  if (builtin === undefined) return null;
  builtin("node:v8").setFlagsFromString("--expose-gc");
  const gc: unknown = builtin("node:vm").runInNewContext("typeof gc === 'function' ? gc : null");
  return typeof gc === "function" ? (gc as () => void) : null;
}

/** The file behind a package's name for the program that was started, as a URL. */
export function seenFromProgram(specifier: string): string | null {
  if (builtin === undefined) return null;
  const program = process.argv[1] ?? `${process.cwd()}/`;
  try {
    return builtin("node:url").pathToFileURL(builtin("node:module").createRequire(program).resolve(specifier)).href;
  } catch {
    return null;
  }
}
