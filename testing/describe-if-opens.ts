/** For tests of every package: run on the GPU where there is one (a software one counts), and be loud where there is none. */
import { runInThisContext } from "node:vm";
import { describe } from "@jest/globals";

// Jest gives tests a copy of the environment; drivers look at the real one.
process.env = (runInThisContext("process") as NodeJS.Process).env;

/**
 * `describe` if `open` succeeds, otherwise `describe.skip`.
 *
 * @param open opens the device: `() => openDevice("webgpu")`
 */
export async function describeIfOpens(open: () => Promise<unknown>): Promise<typeof describe | typeof describe.skip> {
  try {
    await open();
    return describe;
  } catch (error) {
    console.warn(`TESTS ON WEBGPU ARE SKIPPED: ${error instanceof Error ? error.message : String(error)}`);
    return describe.skip;
  }
}
