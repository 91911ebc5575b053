import { afterAll, describe, expect, test } from "@jest/globals";
import { fc } from "../../../../../testing/property.js";
import { CpuRuntime, cpuRuntime } from "../../../src/backends/cpu/runtime.js";
import { shareAll } from "../../../src/backends/cpu/threads/sharing.js";
import { ModuleBuilder } from "../../../src/backends/cpu/wasm/assembler.js";
import { KernelError, ValueError } from "../../../src/errors.js";
import { addingKernel, indexKernel, trappingKernel } from "./kernels.js";

const single = new CpuRuntime({ threads: 1 });
const double = new CpuRuntime({ threads: 2, sharing: shareAll });
const many = new CpuRuntime({ threads: 5, sharing: shareAll });
const unshared = new CpuRuntime({ threads: 1, shared: false });

afterAll(() => {
  for (const each of [double, many]) each.close();
});

describe.each([
  ["one thread", single],
  ["two threads", double],
  ["five threads", many],
  ["unshared memory", unshared],
])("parallelFor on %s", (_, runtime) => {
  const kernel = runtime.loadKernel(addingKernel(runtime), "adding");

  function run(count: number, grain: number, plus: number): void {
    const { memory } = runtime;
    const pointer = memory.allocate(4 * count + 4);
    const array = memory.i32.subarray(pointer / 4, pointer / 4 + count + 1);
    array.fill(1);
    const args = runtime.args.allocate(8);
    memory.u32[args >>> 2] = pointer;
    memory.i32[(args >>> 2) + 1] = plus;
    runtime.parallelFor(kernel, args, count, 1, grain);
    // Each index exactly once, none beyond the end.
    for (let i = 0; i < count; i++) if (array[i] !== 1 + 7 * i + plus) expect(array[i]).toBe(1 + 7 * i + plus);
    expect(array[count]).toBe(1);
    memory.free(pointer);
  }

  test("every index exactly once, whatever the count and grain", async () => {
    await runtime.ready();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 700 }), fc.integer(), (n, grain, plus) =>
        run(n, grain, plus >> 4),
      ),
      { numRuns: 300 },
    );
  });

  test("several ranges, each index of each exactly once", async () => {
    await runtime.ready();
    const { memory } = runtime;
    const ranges = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(ranges, fc.integer({ min: 1, max: 700 }), (counts, grain) => {
        const pointers = counts.map((count) => memory.allocate(4 * count + 4));
        const views = pointers.map((at, i) => memory.i32.subarray(at / 4, at / 4 + (counts[i] ?? 0) + 1).fill(1));
        const list = counts.map((count, i) => {
          const args = runtime.args.allocate(8);
          memory.u32[args >>> 2] = pointers[i] ?? 0;
          memory.i32[(args >>> 2) + 1] = i;
          return { args, count };
        });
        runtime.parallelForList(kernel, list, 1, grain);
        counts.forEach((count, i) => {
          const expected = Array.from({ length: count + 1 }, (_value, k) => (k < count ? 1 + 7 * k + i : 1));
          expect([...(views[i] ?? [])]).toEqual(expected);
        });
        for (const pointer of pointers) memory.free(pointer);
      }),
      { numRuns: 100 },
    );
  });

  test("thousands of jobs in a row, with pauses that let the workers fall asleep", async () => {
    await runtime.ready();
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 1000; i++) run(64 + (i % 50), 4, i);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });

  test("jobs over memory that has just grown", async () => {
    await runtime.ready();
    const blocks: number[] = [];
    for (let i = 0; i < 6; i++) {
      const before = runtime.memory.u8.byteLength;
      while (runtime.memory.u8.byteLength === before) blocks.push(runtime.memory.allocate(3_000_000));
      run(200_000, 1000, i);
    }
    for (const block of blocks) runtime.memory.free(block);
  });

  test("a trap reaches the caller, and the next job works", async () => {
    await runtime.ready();
    const trapping = runtime.loadKernel(trappingKernel(runtime), "trapping");
    for (const at of [0, 1, 37, 63, 99]) {
      const args = runtime.args.allocate(8);
      runtime.memory.u32[args >>> 2] = at;
      expect(() => runtime.parallelFor(trapping, args, 100, 1)).toThrow(/unreachable/);
      run(1000, 10, at);
    }
  });
});

test("workers take part", async () => {
  await double.ready();
  // Each of the two indices sets its own flag and waits for the other's: one thread alone cannot do that.
  const kernel = double.loadKernel(
    indexKernel(double, (f, index, word) => {
      const patience = f.local("i32");
      const flag = () => word(0).get(index).i32(2).op("i32.shl").op("i32.add");
      flag().i32(1).store("i32.store");
      f.i32(2 ** 31 - 1).set(patience);
      f.loop((again) => {
        f.get(patience).i32(1).op("i32.sub").tee(patience);
        f.op("i32.eqz").if(() => f.op("unreachable"));
        word(0).i32(1).get(index).op("i32.sub").i32(2).op("i32.shl").op("i32.add");
        f.load("i32.load").op("i32.eqz").brIf(again);
      });
    }),
    "meeting",
  );
  const flags = double.memory.allocate(8);
  for (let i = 0; i < 100; i++) {
    double.memory.u32.fill(0, flags >>> 2, (flags >>> 2) + 2);
    const args = double.args.allocate(8);
    double.memory.u32[args >>> 2] = flags;
    double.parallelFor(kernel, args, 2, 1);
    expect([...double.memory.u32.subarray(flags >>> 2, (flags >>> 2) + 2)]).toEqual([1, 1]);
  }
});

describe("kernels", () => {
  test("bytes that are no module", () => {
    expect(() => single.loadKernel(new Uint8Array([1, 2, 3]), "broken")).toThrow(KernelError);
    expect(() => single.loadKernel(new Uint8Array([1, 2, 3]), "broken")).toThrow(/kernel broken cannot be compiled/);
  });

  test("a module without run", () => {
    const module = new ModuleBuilder({ memory: single.memory.type });
    module.function("walk", { params: [], results: [] });
    expect(() => single.loadKernel(module)).toThrow(/expected an exported function "run"/);
  });

  test("a function that Math does not have", () => {
    const module = new ModuleBuilder({ memory: single.memory.type });
    module.importFunction("Math", "gamma", { params: ["f64"], results: ["f64"] });
    expect(() => single.loadKernel(module, "gamma")).toThrow(/gamma/);
  });
});

describe("arguments", () => {
  test("blocks are aligned, apart, and come round again", () => {
    const first = single.args.allocate(12);
    const second = single.args.allocate(100);
    expect([first % 16, second % 16]).toEqual([0, 0]);
    expect(second).toBeGreaterThanOrEqual(first + 12);
    const seen = Array.from({ length: 2000 }, () => single.args.allocate(100));
    expect(new Set(seen).size).toBeLessThan(1000);
    expect(() => single.args.allocate(1_000_000)).toThrow(ValueError);
  });
});

describe("options", () => {
  test("one runtime for the process", () => {
    expect(cpuRuntime()).toBe(cpuRuntime());
    expect(cpuRuntime().threads).toBeGreaterThanOrEqual(1);
    cpuRuntime().close();
  });

  test.each([0, -1, 1.5, NaN])("threads: %d", (threads) => {
    expect(() => new CpuRuntime({ threads })).toThrow(ValueError);
  });

  test("several threads without shared memory", () => {
    expect(() => new CpuRuntime({ threads: 2, shared: false })).toThrow(/shared memory/);
  });

  test("CHAIN_THREADS", () => {
    const before = process.env["CHAIN_THREADS"];
    try {
      process.env["CHAIN_THREADS"] = "3";
      expect(new CpuRuntime().threads).toBe(3);
      expect(new CpuRuntime({ threads: 1 }).threads).toBe(1);
      process.env["CHAIN_THREADS"] = "1";
      expect(new CpuRuntime().memory.type.shared).toBe(false);
      process.env["CHAIN_THREADS"] = "two";
      expect(() => new CpuRuntime()).toThrow(/CHAIN_THREADS: expected a positive integer, got "two"/);
    } finally {
      if (before === undefined) delete process.env["CHAIN_THREADS"];
      else process.env["CHAIN_THREADS"] = before;
    }
  });

  test("after close everything runs on the calling thread", async () => {
    const runtime = new CpuRuntime({ threads: 2 });
    await runtime.ready();
    runtime.close();
    const kernel = runtime.loadKernel(addingKernel(runtime));
    const pointer = runtime.memory.allocate(4000);
    runtime.memory.i32.fill(0, pointer / 4, pointer / 4 + 1000);
    const args = runtime.args.allocate(8);
    runtime.memory.u32[args >>> 2] = pointer;
    runtime.memory.u32[(args >>> 2) + 1] = 0;
    runtime.parallelFor(kernel, args, 1000, 1, 10);
    expect(runtime.memory.i32[pointer / 4 + 999]).toBe(6993);
  });
});
