import { seenFromProgram } from "#platform";

/**
 * Imports a package that is not known before the program runs: as this module would, or (package managers keep packages apart
 * that do not name each other) as the program that was started would.
 *
 * @returns whether there is such a package
 * @throws what the package throws while it is imported
 */
export async function importPackage(specifier: string): Promise<boolean> {
  return (await imported(specifier)) || (await imported(seenFromProgram(specifier)));
}

async function imported(specifier: string | null): Promise<boolean> {
  if (specifier === null) return false;
  try {
    // Named in a variable, so that bundlers do not look for it.
    await import(/* @vite-ignore */ /* webpackIgnore: true */ specifier);
    return true;
  } catch (error) {
    if (isMissing(error, specifier)) return false;
    throw error;
  }
}

/** Node's codes; a browser has none, and says so in a TypeError. */
function isMissing(error: unknown, specifier: string): boolean {
  const { code, message = "" } = error as { code?: string; message?: string };
  if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") return message.includes(specifier);
  return code === undefined && error instanceof TypeError && message.includes(specifier);
}
