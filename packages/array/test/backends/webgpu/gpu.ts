import { describeIfOpens } from "../../../../../testing/gpu-devices.js";
import { openDevice } from "../../../src/index.js";

/** `describe` where there is a GPU. */
export const describeGpu = await describeIfOpens(openDevice);
