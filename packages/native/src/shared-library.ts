import { availableParallelism } from "node:os";
import { environmentVariable } from "@chain/array";
import koffi, { type LibraryHandle } from "koffi";

/** Where a library is looked for, and what to tell who has none. */
export interface Search {
  /** The variable that names a file to load instead, or `off` for none. */
  readonly variable: string;
  /** Files that may be it, the best first. */
  readonly files: readonly string[];
  /** What to do where none is found; null if there is nothing to be said. */
  readonly advice: string | null;
  /** Environment variables that it reads when it is loaded, or used for the first time. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The first library that is there and that `open` accepts, which throws for those it cannot use.
 *
 * @param open - Its second argument tells whether the user asked for that file.
 * @returns the library, or a sentence that says why there is none
 */
export function findLibrary<T>(
  { variable, files, advice, environment }: Search,
  open: (file: string, asked: boolean) => T,
): T | string {
  const tryToOpen = (file: string, asked: boolean): T =>
    withEnvironment({ ...sleepSoon, ...environment }, () => open(file, asked));
  const asked = environmentVariable(variable);
  if (asked === "off") return `switched off by ${variable}=off`;
  if (asked !== undefined) {
    try {
      return tryToOpen(asked, true);
    } catch (error) {
      return `${variable}=${asked}: ${messageOf(error)}`;
    }
  }
  const unusable: string[] = [];
  const missing: string[] = [];
  for (const file of files) {
    try {
      return tryToOpen(file, false);
    } catch (error) {
      if (error instanceof MissingLibraryError) missing.push(file);
      else unusable.push(messageOf(error));
    }
  }
  const tried = files.length === 0 ? `none is known for ${process.platform}` : `there is no ${missing.join(", ")}`;
  return [...unusable, tried, ...(advice === null ? [] : [advice])].join("; ");
}

/** There is no such file, which is no more to be said than that. */
export class MissingLibraryError extends Error {
  override readonly name = "MissingLibraryError";
}

/**
 * Loads a file for good.
 *
 * @throws MissingLibraryError if it is not there; Error if it is, and cannot be loaded
 */
export function loadLibrary(file: string): LibraryHandle {
  const lib = load(file);
  // Threads of its own may still look for work in it when the process ends and koffi lets go of it.
  const mode = keepLoaded[process.platform];
  if (mode !== undefined) optional(lib, "void *dlopen(const char *file, int mode)")?.(file, mode);
  return lib;
}

function load(file: string): LibraryHandle {
  try {
    return koffi.load(file);
  } catch (error) {
    const message = messageOf(error);
    // Where another library is missing that this one needs, the message names that one.
    const isMissing =
      process.platform === "linux"
        ? message.includes("library: cannot open shared object file: No such file")
        : !message.includes("Library not loaded");
    throw isMissing ? new MissingLibraryError(message) : new Error(`${file}: ${message}`);
  }
}

/**
 * Threads of OpenMP, which several libraries share, look for work before they sleep; by default for so long (GNU's for
 * milliseconds, LLVM's and Intel's for 200) that they hold up ours.
 */
const sleepSoon = { GOMP_SPINCOUNT: "1000", KMP_BLOCKTIME: "0" };

/** `RTLD_NOW | RTLD_NODELETE`. */
const keepLoaded: Partial<Record<NodeJS.Platform, number>> = { linux: 0x1002, darwin: 0x82 };

/** A function that not every library has. */
export function optional(lib: LibraryHandle, prototype: string): ((...args: (number | string)[]) => unknown) | null {
  try {
    return lib.func(prototype);
  } catch {
    return null;
  }
}

/** Threads that libraries may use, as many as the device does. */
export function threadCount(): number {
  return Number(environmentVariable("CHAIN_THREADS") ?? availableParallelism());
}

/** Runs an action with environment variables set; for this process only, and only for so long. */
function withEnvironment<T>(variables: Readonly<Record<string, string>>, action: () => T): T {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  try {
    return action();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** Addons throw errors of a realm of their own. */
function messageOf(error: unknown): string {
  return typeof error === "object" && error !== null && "message" in error ? String(error.message) : String(error);
}
