import { describe, expect, test } from "@jest/globals";
import { createCpuBackend } from "../../../src/backends/cpu/index.js";
import { fromElements } from "../../../src/creation/from-host.js";
import { getBackend } from "../../../src/device.js";
import { OutOfMemoryError, ValueError } from "../../../src/errors.js";
import { elementwise } from "../../../src/kernel/index.js";
import * as ops from "../../../src/kernel/ops.js";
import { memoryInfo } from "../../../src/memory/storage.js";

describe("createCpuBackend", () => {
  test("is the device cpu", () => {
    expect(getBackend("cpu").name).toBe("cpu");
    const x = fromElements([1], "float32", [1], getBackend("cpu"));
    expect(elementwise("twice", (v) => ops.add(v, v)).print(x)).toContain("f32x4.add");
    x.dispose();
  });

  test("refuses numbers of threads that make no sense", () => {
    expect(() => createCpuBackend({ threads: 0 })).toThrow(ValueError);
    expect(() => createCpuBackend({ threads: 1.5 })).toThrow(ValueError);
    expect(() => createCpuBackend({ threads: 2, shared: false })).toThrow(ValueError);
  });

  test("backends with options have memories of their own", () => {
    const [a, b] = [createCpuBackend({ threads: 1 }), createCpuBackend({ threads: 1 })];
    const x = fromElements([1, 2, 3], "float32", [3], a);
    const y = fromElements([4, 5, 6], "float32", [3], b);
    expect([...x.dataSync(), ...y.dataSync()]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(() => elementwise("add", (p, q) => ops.add(p, q))(x, y)).toThrow("different devices");
  });
});

describe("memory", () => {
  const backend = createCpuBackend({ threads: 1, shared: false });

  test("bytes go in and come out where they should, and are copies", async () => {
    const buffer = backend.allocate(8);
    const data = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    backend.write(buffer, 0, data);
    data.fill(0);
    backend.write(buffer, 3, Uint8Array.of(40, 50));
    const read = await backend.read(buffer, 1, 6);
    expect([...read]).toEqual([2, 3, 40, 50, 6, 7]);
    backend.write(buffer, 0, new Uint8Array(8));
    expect([...read]).toEqual([2, 3, 40, 50, 6, 7]);
    expect(read.buffer).toBeInstanceOf(ArrayBuffer);
    backend.free(buffer, 8);
  });

  test("nothing at all can be allocated", () => {
    const [a, b] = [backend.allocate(0), backend.allocate(0)];
    expect(a).not.toBe(b);
    backend.free(a, 0);
    backend.free(b, 0);
  });

  test("reserved bytes are reported, too large a request is refused", () => {
    expect(backend.memory().reservedBytes).toBeGreaterThan(0);
    expect(() => backend.allocate(5 * 2 ** 30)).toThrow(OutOfMemoryError);
    const x = fromElements([1], "float32", [1], backend);
    expect(memoryInfo()["cpu"]?.reservedBytes).toBeGreaterThan(0);
    x.dispose();
  });

  test("arrays survive growth", () => {
    const x = fromElements([1, 2, 3], "int32", [3], backend);
    const before = backend.memory().reservedBytes;
    const large = backend.allocate(before * 2);
    expect(backend.memory().reservedBytes).toBeGreaterThan(before);
    expect([...elementwise("double", (v) => ops.add(v, v))(x).dataSync()]).toEqual([2, 4, 6]);
    backend.free(large, before * 2);
  });
});

test("what the generator does not know runs as JavaScript", () => {
  const backend = createCpuBackend({ threads: 1 });
  const x = fromElements([0, 1, 1], "bool", [3], backend);
  const shift = elementwise("shift", (a, b) => ops.shr(a, b));
  expect(shift.print(x, x)).toContain("return function");
  expect([...shift(x, x).dataSync()]).toEqual([0, 0, 0]);
});
