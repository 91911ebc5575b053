/** The GPU that tests run on, a software one too; tests are skipped, and say so, where there is none. */
import { runInThisContext } from "node:vm";
import { describe } from "@jest/globals";
import type { Backend } from "../../../src/index.js";
import { openDevice } from "../../../src/index.js";

// Jest gives tests a copy of the environment; drivers look at the real one.
process.env = (runInThisContext("process") as NodeJS.Process).env;

/** The opened backend, or why there is none. */
async function findGpu(): Promise<Backend | Error> {
  try {
    return await openDevice("webgpu");
  } catch (error) {
    return error as Error;
  }
}

const found = await findGpu();

/** `describe` where there is a GPU. */
export const describeGpu: typeof describe | typeof describe.skip = found instanceof Error ? describe.skip : describe;

if (found instanceof Error) {
  console.warn(`TESTS ON WEBGPU ARE SKIPPED: ${found.message}`);
}
