/** What a browser gives libraries that were written for one: the GPU, in `navigator`. */
import { create, globals } from "webgpu";

const name = process.env["CHAIN_WEBGPU_ADAPTER"];
Object.assign(globalThis, globals);
Object.defineProperty(globalThis, "navigator", {
  value: { gpu: create(name === undefined ? [] : [`adapter=${name}`]), userAgent: "" },
  configurable: true,
  writable: true,
});
