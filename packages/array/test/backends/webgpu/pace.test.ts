import { expect, test } from "@jest/globals";
import {
  add,
  keepPace,
  memoryInfo,
  ones,
  openDevice,
  scope,
  type Backend,
  type MemoryInfo,
} from "../../../src/index.js";
import { describeGpu } from "./gpu.js";

const device = "webgpu";

describeGpu("how far the host runs ahead of the GPU", () => {
  test("work that is queued can be waited for, and little is left then", async () => {
    const backend: Backend = await openDevice(device);
    await backend.synchronize();
    expect(backend.pace?.() ?? null).toBeNull();
    const x = ones([1000], { device });
    let waited = 0;
    for (let i = 0; i < 3000; i++) {
      add(x, i).dispose();
      if ((backend.pace?.() ?? null) !== null) {
        await keepPace();
        waited++;
        expect(backend.pace?.() ?? null).toBeNull();
      }
    }
    expect(waited).toBeGreaterThan(0);
    await backend.synchronize();
    expect(backend.pace?.() ?? null).toBeNull();
  });

  test("a thousand rounds leave arrays, bytes and buffers as they were", async () => {
    const x = ones([5000], { device });
    const memory = (): MemoryInfo => memoryInfo()[device] as MemoryInfo;
    const round = (): void => scope(() => void add(add(x, 1), add(x, 2)));
    for (let i = 0; i < 10; i++) round();
    const before = memory();
    for (let i = 0; i < 1000; i++) {
      round();
      if (i % 50 === 0) await keepPace();
    }
    // The garbage collector may take what earlier tests left.
    expect(memory().arrays).toBeLessThanOrEqual(before.arrays);
    expect(memory().bytes).toBeLessThanOrEqual(before.bytes);
    expect(memory().reservedBytes).toBe(before.reservedBytes);
  });
});
