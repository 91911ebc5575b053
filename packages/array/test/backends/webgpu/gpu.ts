import { jest } from "@jest/globals";
import { describeIfOpens } from "../../../../../testing/describe-if-opens.js";
import { openDevice } from "../../../src/index.js";

// A software GPU takes its time, to compile shaders most of all.
jest.setTimeout(120_000);

/** `describe` where there is a GPU. */
export const describeGpu = await describeIfOpens(() => openDevice("webgpu"));
