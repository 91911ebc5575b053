/** For tests of every package: run on the GPU where there is one (a software one counts), and be loud where there is none. */
import { runInThisContext } from "node:vm";
import { describe, jest, test } from "@jest/globals";

// Jest gives tests a copy of the environment; drivers look at the real one.
process.env = (runInThisContext("process") as NodeJS.Process).env;

/** A software GPU takes its time, to compile shaders most of all. */
const slowDeviceTimeout = 120_000;

/**
 * `["webgpu"]` where it opens, for tests that run on every device; otherwise none, and a test that counts as skipped.
 *
 * @param open opens a device: `openDevice`
 */
export async function gpuDevices(open: (name: string) => Promise<unknown>): Promise<string[]> {
  try {
    await open("webgpu");
    jest.setTimeout(slowDeviceTimeout);
    return ["webgpu"];
  } catch (error) {
    console.warn(`TESTS ON WEBGPU ARE SKIPPED: ${error instanceof Error ? error.message : String(error)}`);
    test.skip("on webgpu", () => undefined);
    return [];
  }
}

/** `describe` where there is a GPU, otherwise `describe.skip`. */
export async function describeIfOpens(
  open: (name: string) => Promise<unknown>,
): Promise<typeof describe | typeof describe.skip> {
  return (await gpuDevices(open)).length > 0 ? describe : describe.skip;
}
