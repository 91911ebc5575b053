/** Memory: allocation, transfers, order of work. */
import { dtypes } from "../dtype.js";
import { elementwise } from "../kernel/elementwise.js";
import * as k from "../kernel/ops.js";
import { OutOfMemoryError } from "../errors.js";
import { NdArray } from "../ndarray.js";
import { expectArray, expectElements, expectTrue } from "./compare.js";
import { define, type CaseDefinition } from "./context.js";
import { unarySamples } from "./samples.js";

const increment = elementwise("conformance_increment", (x) => k.add(x, 1));

export const memoryCases: readonly CaseDefinition[] = [
  define("memory: what is written is read back, at any offset", [], async ({ backend }) => {
    const bytes = Uint8Array.from({ length: 64 }, (_, i) => i + 1);
    const buffer = backend.allocate(64);
    backend.write(buffer, 0, bytes);
    backend.write(buffer, 16, Uint8Array.of(201, 202, 203, 204));
    const expected = Uint8Array.from(bytes);
    expected.set([201, 202, 203, 204], 16);
    expectElements(await backend.read(buffer, 0, 64), expected, "uint8");
    expectElements(await backend.read(buffer, 12, 12), expected.subarray(12, 24), "uint8");
    if (backend.readSync !== undefined)
      expectElements(backend.readSync(buffer, 8, 16), expected.subarray(8, 24), "uint8");
    backend.free(buffer, 64);
  }),
  define("memory: written data may be changed at once, and so may what was read", [], async ({ backend }) => {
    const buffer = backend.allocate(8);
    const data = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    backend.write(buffer, 0, data);
    data.fill(99);
    const read = await backend.read(buffer, 0, 8);
    expectElements(read, [1, 2, 3, 4, 5, 6, 7, 8], "uint8");
    read.fill(77);
    expectElements(await backend.read(buffer, 0, 8), [1, 2, 3, 4, 5, 6, 7, 8], "uint8");
    backend.free(buffer, 8);
  }),
  define("memory: what is read starts at a multiple of 8, wherever it was", [], async ({ backend }) => {
    const bytes = Uint8Array.from({ length: 40 }, (_, i) => i + 1);
    const buffer = backend.allocate(40);
    backend.write(buffer, 0, bytes);
    for (const [from, count] of [
      [0, 40],
      [4, 8],
      [8, 5],
      [12, 28],
      [21, 6],
    ] as const) {
      const what = `${count} bytes from ${from} on`;
      for (const data of [await backend.read(buffer, from, count), backend.readSync?.(buffer, from, count)]) {
        if (data === undefined) continue;
        expectTrue(data instanceof Uint8Array, `read of ${what} gives no Uint8Array`);
        expectTrue(data.byteOffset % 8 === 0, `read of ${what} starts at byte ${data.byteOffset} of its memory`);
        expectElements(data, bytes.subarray(from, from + count), "uint8");
      }
    }
    const inPlace = backend.hostBytes?.(buffer);
    if (inPlace !== undefined) {
      expectTrue(inPlace.byteOffset % 8 === 0, `hostBytes starts at byte ${inPlace.byteOffset} of its memory`);
      expectElements(inPlace.subarray(0, 40), bytes, "uint8");
    }
    backend.free(buffer, 40);
  }),
  define("memory: more than there is, and the device goes on", ["float32"], async ({ array, backend }) => {
    let refusal: unknown = null;
    try {
      NdArray.allocate(backend, "float32", [2 ** 48]).dispose();
    } catch (error) {
      refusal = error;
    }
    expectTrue(refusal !== null, "a quarter of a million gigabytes were allocated");
    expectTrue(
      refusal instanceof OutOfMemoryError,
      `expected OutOfMemoryError for more memory than there is, got ${String(refusal)}`,
    );
    await expectArray(increment(array([1, 2, 3])), [2, 3, 4], "float32", [3]);
    await backend.synchronize();
  }),
  define("memory: buffers of no bytes", [], async ({ backend }) => {
    const [first, second] = [backend.allocate(0), backend.allocate(0)];
    expectTrue((await backend.read(first, 0, 0)).length === 0, "reading nothing gives nothing");
    backend.free(first, 0);
    backend.free(second, 0);
  }),
  define("memory: live buffers do not share memory, freed ones may be used again", [], async ({ backend }) => {
    for (let round = 0; round < 3; round++) {
      const buffers = Array.from({ length: 50 }, (_, i) => {
        const bytes = 1 + ((i * 37) % 300);
        const buffer = backend.allocate(bytes);
        backend.write(buffer, 0, new Uint8Array(bytes).fill(i + 1));
        return { buffer, bytes, i };
      });
      for (const { buffer, bytes, i } of buffers) {
        expectElements(await backend.read(buffer, 0, bytes), new Uint8Array(bytes).fill(i + 1), "uint8");
      }
      for (const { buffer, bytes } of buffers) backend.free(buffer, bytes);
    }
  }),
  ...dtypes.map((dtype) =>
    define(`memory: ${dtype} to the device and back`, [dtype], async ({ array }) => {
      const values = unarySamples("neg", dtype);
      await expectArray(array(values, dtype), values, dtype, [values.length]);
    }),
  ),
  define("memory: work and transfers happen in program order", ["float32"], async ({ array, backend }) => {
    const x = array([1, 2, 3]);
    increment.into(x, x);
    const early = x.data();
    increment.into(x, x);
    backend.write(x.storage.buffer, 0, new Uint8Array(Float32Array.of(10).buffer));
    increment.into(x, x);
    expectElements(await early, [2, 3, 4], "float32");
    await backend.synchronize();
    expectElements(await x.data(), [11, 5, 6], "float32");
  }),
  define("memory: a freed buffer stays intact for work that is queued", ["float32"], async ({ array }) => {
    const results = Array.from({ length: 20 }, (_, i) => {
      const x = array(new Float32Array(1000).fill(i));
      const result = increment(x);
      x.dispose();
      return result;
    });
    for (const [i, result] of results.entries()) {
      expectElements(await result.data(), new Float32Array(1000).fill(i + 1), "float32");
    }
  }),
  define("memory: a freed buffer that was complete stays intact for work on it", ["float32"], async (context) => {
    for (let i = 0; i < 20; i++) {
      const x = context.array(new Float32Array(1000).fill(i));
      // Nothing but the kernel is queued when the memory is given back.
      await context.backend.synchronize();
      const result = increment(x);
      x.dispose();
      expectElements(await result.data(), new Float32Array(1000).fill(i + 1), "float32");
      result.dispose();
    }
  }),
  define("memory: nothing is queued any more when synchronize resolves", ["float32"], async ({ array, backend }) => {
    const x = array([0]);
    let launches = 0;
    // Where much work is queued, pace tells.
    for (; launches < 4000 && (backend.pace?.() ?? null) === null; launches++) increment.into(x, x);
    await backend.synchronize();
    expectTrue((backend.pace?.() ?? null) === null, `much of ${launches} launches is queued after synchronize`);
    expectElements(await x.data(), [launches], "float32");
  }),
  define("memory: the backend reports what it holds", [], async ({ backend }) => {
    const { reservedBytes } = backend.memory();
    expectTrue(Number.isFinite(reservedBytes) && reservedBytes >= 0, `reservedBytes is ${reservedBytes}`);
    await Promise.resolve();
  }),
];
