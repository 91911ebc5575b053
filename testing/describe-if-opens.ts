/** For tests of every package: run on the GPU where there is one (a software one counts), and be loud where there is none. */
import { runInThisContext } from "node:vm";
import { describe } from "@jest/globals";

// Jest gives tests a copy of the environment; drivers look at the real one.
process.env = (runInThisContext("process") as NodeJS.Process).env;

/**
 * Whether `open` succeeds; if not, it says so.
 *
 * @param open opens the device: `() => openDevice("webgpu")`
 */
export async function opens(open: () => Promise<unknown>): Promise<boolean> {
  try {
    await open();
    return true;
  } catch (error) {
    console.warn(`TESTS ON WEBGPU ARE SKIPPED: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

/** `describe` if `open` succeeds, otherwise `describe.skip`. */
export async function describeIfOpens(open: () => Promise<unknown>): Promise<typeof describe | typeof describe.skip> {
  return (await opens(open)) ? describe : describe.skip;
}
