import { describe, expect, test } from "@jest/globals";
import { fc } from "../../../../../../testing/property.js";
import { WasmMemory } from "../../../../src/backends/cpu/memory/wasm-memory.js";
import { OutOfMemoryError, ValueError } from "../../../../src/errors.js";

const MIB = 2 ** 20;

/** Sizes from nothing to many pages, with the borders of the allocator's two regimes well covered. */
const size = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 9000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 8000, max: 200_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 6 * MIB }) },
);

/** Allocate the given size, or (negative) free a live block picked by the number. */
const command = fc.oneof(
  { weight: 3, arbitrary: size },
  { weight: 2, arbitrary: fc.integer({ min: -1_000_000, max: -1 }) },
);

function overlaps(a: { start: number; end: number }, b: { start: number; end: number }): boolean {
  return a.start < b.end && b.start < a.end;
}

describe.each([true, false])("a memory, shared: %s", (shared) => {
  test("any sequence of allocate and free keeps blocks apart, aligned and inside, and ends as one free block", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 120 }), (commands) => {
        const memory = new WasmMemory({ shared, limit: 512 * MIB });
        const live: { start: number; end: number; tag: number }[] = [];
        let tag = 0;
        const release = (at: number) => {
          const [block] = live.splice(at, 1);
          if (block === undefined) return;
          // Contents survived everything that happened since.
          if (block.end > block.start) {
            expect(memory.u8[block.start]).toBe(block.tag);
            expect(memory.u8[block.end - 1]).toBe(block.tag);
          }
          memory.free(block.start);
        };
        for (const step of commands) {
          if (step < 0) {
            if (live.length > 0) release(-step % live.length);
            continue;
          }
          const start = memory.allocate(step);
          const block = { start, end: start + step, tag: (tag = (tag + 1) % 251) };
          expect(start % (step <= 48 ? 16 : 64)).toBe(0);
          expect(start).toBeGreaterThan(0);
          expect(block.end + 256).toBeLessThanOrEqual(memory.memory.buffer.byteLength);
          expect(memory.sizeOf(start)).toBeGreaterThanOrEqual(Math.max(step, 1));
          expect(memory.sizeOf(start) % 16).toBe(0);
          const padded = { start, end: start + memory.sizeOf(start) };
          for (const other of live) {
            expect(overlaps(padded, { start: other.start, end: other.start + memory.sizeOf(other.start) })).toBe(false);
          }
          memory.u8.fill(block.tag, block.start, block.end);
          live.push(block);
          expect(memory.statistics().liveBlocks).toBe(live.length);
        }
        expect(memory.statistics().liveBytes).toBe(live.reduce((sum, { start }) => sum + memory.sizeOf(start), 0));
        while (live.length > 0) release(live.length >> 1);
        memory.trim();
        expect(memory.statistics()).toMatchObject({ liveBytes: 0, liveBlocks: 0 });
        expect(memory.freeBlocks()).toEqual([{ start: 1024, size: memory.memory.buffer.byteLength - 1024 - 256 }]);
      }),
      { numRuns: 60 },
    );
  });

  test("a steady loop reserves nothing new", () => {
    const memory = new WasmMemory({ shared });
    const step = () => {
      const pointers = [8, 100, 5000, 20_000, 400_000, 3_000_000, 64].map((bytes) => memory.allocate(bytes));
      for (const pointer of pointers) memory.free(pointer);
    };
    step();
    const reserved = memory.statistics().reservedBytes;
    for (let i = 0; i < 1000; i++) step();
    expect(memory.statistics()).toMatchObject({ liveBytes: 0, liveBlocks: 0, reservedBytes: reserved });
  });

  test("views follow growth and keep what was written", () => {
    const memory = new WasmMemory({ shared });
    const small = memory.allocate(64);
    memory.f32[small / 4] = 1.5;
    const large = memory.allocate(100 * MIB);
    memory.f64[large / 8 + 100] = -2;
    expect(memory.f32[small / 4]).toBe(1.5);
    expect(memory.u32.byteLength).toBe(memory.memory.buffer.byteLength);
    expect(memory.statistics().reservedBytes).toBeGreaterThan(100 * MIB);
    memory.free(large);
    expect(memory.allocate(100 * MIB)).toBe(large);
  });
});

test("freed neighbours serve a request as long as both", () => {
  const memory = new WasmMemory({ shared: false, limit: 4 * MIB });
  const blocks = Array.from({ length: 10 }, () => memory.allocate(300_000));
  const [, , , left = 0, right = 0] = blocks;
  expect(() => memory.allocate(1_200_000)).toThrow(OutOfMemoryError);
  memory.free(left);
  memory.free(right);
  expect(memory.allocate(599_000)).toBe(Math.min(left, right));
});

test("the tightest free block is taken", () => {
  const memory = new WasmMemory({ shared: false });
  const gaps = [40_000, 30_000, 34_000, 200_000].map((bytes) => {
    const pointer = memory.allocate(bytes);
    memory.allocate(16_384);
    return pointer;
  });
  for (const pointer of gaps) memory.free(pointer);
  expect(memory.allocate(30_000)).toBe(gaps[1]);
  expect(memory.allocate(33_999)).toBe(gaps[2]);
});

test("the end of the memory is taken last, though it is the tightest", () => {
  const memory = new WasmMemory({ shared: false, limit: 64 * MIB });
  const hole = memory.allocate(40 * MIB);
  const kept = memory.allocate(MIB);
  // What is left at the end is shorter than the hole.
  memory.free(hole);
  for (let i = 0; i < 9; i++) expect(memory.allocate(4 * MIB)).toBeLessThan(kept);
  expect(memory.allocate(8 * MIB)).toBeGreaterThan(kept);
});

test("peak", () => {
  const memory = new WasmMemory({ shared: false });
  memory.free(memory.allocate(MIB));
  memory.allocate(16);
  expect(memory.statistics()).toMatchObject({ liveBytes: 16, peakBytes: MIB });
});

test("addresses beyond 2 GiB, up to the limit", () => {
  const memory = new WasmMemory({ shared: true });
  const first = memory.allocate(2 ** 31 + 12_345);
  const second = memory.allocate(2 ** 30);
  const third = memory.allocate(100);
  expect(second).toBeGreaterThan(2 ** 31);
  memory.f64[(second + 2 ** 30 - 8) / 8] = 3;
  expect(memory.f64[(second + 2 ** 30 - 8) / 8]).toBe(3);
  expect(() => memory.allocate(2 ** 30)).toThrow(OutOfMemoryError);
  const small = Array.from({ length: 100 }, () => memory.allocate(8000));
  for (const pointer of [first, third, second, ...small]) memory.free(pointer);
  memory.trim();
  expect(memory.freeBlocks()).toHaveLength(1);
});

describe("errors", () => {
  test("out of memory says what was asked, what is live, the limit and what to do", () => {
    const memory = new WasmMemory({ shared: false, limit: 8 * MIB });
    memory.allocate(5 * MIB);
    expect(() => memory.allocate(6 * MIB)).toThrow(
      /cannot allocate 6\.0 MiB: 5\.0 MiB are live in 1 blocks, .* at most 8\.0 MiB.*Free arrays.*scope\(\)/,
    );
    expect(() => memory.allocate(2 ** 40)).toThrow(OutOfMemoryError);
    // The failed requests changed nothing.
    expect(memory.statistics().liveBlocks).toBe(1);
    memory.allocate(2 * MIB);
  });

  test("small blocks run out with the same error", () => {
    const memory = new WasmMemory({ shared: false, limit: MIB });
    const pointers: number[] = [];
    expect(() => {
      for (;;) pointers.push(memory.allocate(1000));
    }).toThrow(OutOfMemoryError);
    expect(pointers.length).toBeGreaterThan(850);
    for (const pointer of pointers) memory.free(pointer);
    memory.allocate(900_000);
  });

  test.each([-1, 0.5, NaN])("allocate(%d)", (bytes) => {
    expect(() => new WasmMemory({ shared: false }).allocate(bytes)).toThrow(ValueError);
  });

  test("freeing what is not a live block", () => {
    const memory = new WasmMemory({ shared: false });
    for (const bytes of [100, 100_000]) {
      const pointer = memory.allocate(bytes);
      expect(() => memory.free(pointer + 16)).toThrow(ValueError);
      memory.free(pointer);
      expect(() => memory.free(pointer)).toThrow(/freed twice/);
    }
    expect(() => memory.free(0)).toThrow(ValueError);
    expect(() => memory.free(2 ** 32)).toThrow(ValueError);
    expect(memory.statistics()).toMatchObject({ liveBytes: 0, liveBlocks: 0 });
  });
});
