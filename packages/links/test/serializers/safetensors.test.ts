import { array, NdArray } from "@chain/array";
import * as L from "@chain/links";
import { describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DamagedFileError,
  fromSafetensors,
  loadSafetensors,
  SafetensorsFile,
  saveSafetensors,
  toSafetensors,
  type AbstractSerializer,
  type SavedValue,
  type Serializable,
} from "../../src/serializers/index.js";

class Box implements Serializable {
  constructor(readonly values: Record<string, SavedValue>) {}

  serialize(serializer: AbstractSerializer): void {
    for (const key of Object.keys(this.values)) {
      this.values[key] = serializer.value(key, this.values[key] as SavedValue);
    }
  }
}

/** A file as somebody else would write it. */
function fileOf(header: unknown, body: ArrayLike<number> = []): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(body, 8 + text.length);
  return bytes;
}

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

describe("what is written", () => {
  test("is laid out as the format says", async () => {
    const bytes = await toSafetensors(
      new Box({
        small: array([1, 2, 3], { dtype: "uint8" }),
        b: array([[1.5], [-2]]),
        a: array([1, 2], { dtype: "float64" }),
        half: array([1.5], { dtype: "float16" }),
      }),
      { metadata: { format: "pt" } },
    );
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
    expect(JSON.parse(text)).toEqual({
      __metadata__: { format: "pt" },
      a: { dtype: "F64", shape: [2], data_offsets: [0, 16] },
      b: { dtype: "F32", shape: [2, 1], data_offsets: [16, 24] },
      half: { dtype: "F16", shape: [1], data_offsets: [24, 26] },
      small: { dtype: "U8", shape: [3], data_offsets: [26, 29] },
    });
    const body = bytes.slice(8 + length);
    expect(new Float64Array(body.buffer, 0, 2)).toEqual(Float64Array.of(1, 2));
    expect(new Float32Array(body.buffer, 16, 2)).toEqual(Float32Array.of(1.5, -2));
    expect(new Uint16Array(body.buffer, 24, 1)).toEqual(Uint16Array.of(0x3e00));
    expect([...body.subarray(26)]).toEqual([1, 2, 3]);
  });

  test("comes back, whatever it is", async () => {
    const make = (full: boolean): Record<string, SavedValue> => ({
      f4: array(full ? [[1, NaN, Infinity]] : [[0, 0, 0]]),
      f2: array(full ? [65504, 2 ** -24] : [0, 0], { dtype: "float16" }),
      u4: array(full ? [2 ** 32 - 1] : [0], { dtype: "uint32" }),
      i4: array(full ? [-(2 ** 31)] : [0], { dtype: "int32" }),
      bool: array(full ? [true, false] : [false, false]),
      empty: array(new Float32Array(0)).reshape(0, 3),
      typed: full ? Int32Array.of(1, 2) : new Int32Array(2),
      whole: full ? 2 ** 53 - 1 : 0,
      number: full ? -0.1 : 0,
      yes: full,
      text: full ? "héllo 🌍" : "",
      none: full ? null : 1,
    });
    const target = new Box(make(false));
    fromSafetensors(await toSafetensors(new Box(make(true))), target);
    const plain = (values: Record<string, SavedValue>): unknown =>
      Object.entries(values).map(([key, value]) => [key, value instanceof NdArray ? [...value.dataSync()] : value]);
    expect(plain(target.values)).toEqual(plain(make(true)));
  });
});

describe("the reference implementation", () => {
  const reference = new Uint8Array(readFileSync(new URL("reference.safetensors", import.meta.url)));
  const make = (full: boolean): Record<string, SavedValue> => ({
    "l1/W": array(full ? [1, 2, 3, 4, 5, 6] : [0, 0, 0, 0, 0, 0]).reshape(2, 3),
    "l1/b": array(full ? [1.5, -2] : [0, 0], { dtype: "float16" }),
    double: array([full ? 0.1 : 0], { dtype: "float64" }),
    t: full ? -7 : 0,
    mask: array(full ? [true, false, true] : [false, false, false]),
    u4: array([full ? 2 ** 32 - 1 : 0], { dtype: "uint32" }),
  });

  test("writes the same bytes", async () => {
    expect(await toSafetensors(new Box(make(true)), { metadata: { format: "pt" } })).toEqual(reference);
  });

  test("is understood", async () => {
    const target = new Box(make(false));
    fromSafetensors(reference, target);
    expect(await toSafetensors(target, { metadata: { format: "pt" } })).toEqual(reference);
    expect(new SafetensorsFile(reference).metadata).toEqual({ format: "pt" });
  });
});

describe("what is read", () => {
  test("every element type of the format that has a counterpart", () => {
    const body = [255, 254, 255, 1, 0, 0, 0, 0, 0, 0, 0, 192, 63];
    const file = new SafetensorsFile(
      fileOf(
        {
          i8: { dtype: "I8", shape: [1], data_offsets: [0, 1] },
          i16: { dtype: "I16", shape: [1], data_offsets: [1, 3] },
          i64: { dtype: "I64", shape: [], data_offsets: [3, 11] },
          bf16: { dtype: "BF16", shape: [1], data_offsets: [11, 13] },
        },
        body,
      ),
    );
    expect(file.get("i8")).toMatchObject({ dtype: "int32", data: Int32Array.of(-1) });
    expect(file.get("i16")).toMatchObject({ dtype: "int32", data: Int32Array.of(-2) });
    expect(file.get("i64")).toMatchObject({ kind: "int64", data: BigInt64Array.of(1n) });
    expect(file.get("bf16")).toMatchObject({ dtype: "float32", data: Float32Array.of(1.5) });
  });

  test("a model of another framework, by other names", async () => {
    const bytes = fileOf(
      {
        "fc.weight": { dtype: "F32", shape: [1, 2], data_offsets: [0, 8] },
        "fc.bias": { dtype: "F32", shape: [1], data_offsets: [8, 12] },
      },
      floats(1, 2, 3),
    );
    const link = new L.Linear(null, 1);
    const names: Record<string, string> = { W: "fc.weight", b: "fc.bias" };
    fromSafetensors(bytes, link, { rename: (key) => names[key] ?? key });
    expect(await link.W.array.tolist()).toEqual([[1, 2]]);
    expect(await link.b?.array.tolist()).toEqual([3]);
    expect(() => fromSafetensors(bytes, link)).toThrow('there is no entry "W"; there are "fc.weight", "fc.bias"');
  });

  test.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(0), /cut off/],
    ["a length beyond the end", Uint8Array.of(100, 0, 0, 0, 0, 0, 0, 0, 123, 125), /cut off/],
    ["a length of 2^64 - 1", new Uint8Array(16).fill(255), /cut off/],
    ["no JSON", fileOf("{oops"), /makes no sense/],
    ["a list", fileOf("[]"), /makes no sense/],
    ["a blank in front", fileOf(" {}"), /makes no sense/],
    ["no shape", fileOf({ x: { dtype: "F32", data_offsets: [0, 4] } }, floats(1)), /"x": its header makes no sense/],
    [
      "a negative length",
      fileOf({ x: { dtype: "F32", shape: [-1], data_offsets: [0, 4] } }, floats(1)),
      /makes no sense/,
    ],
    [
      "a wrong size",
      fileOf({ x: { dtype: "F32", shape: [2], data_offsets: [0, 4] } }, floats(1)),
      /4 bytes cannot be a F32/,
    ],
    [
      "a huge shape",
      fileOf({ x: { dtype: "F32", shape: [2 ** 40, 2 ** 40], data_offsets: [0, 4] } }, floats(1)),
      /cannot be/,
    ],
    ["a gap", fileOf({ x: { dtype: "F32", shape: [1], data_offsets: [4, 8] } }, floats(1, 2)), /does not begin where/],
    [
      "too much at the end",
      fileOf({ x: { dtype: "F32", shape: [1], data_offsets: [0, 4] } }, floats(1, 2)),
      /holds 8 bytes/,
    ],
    ["too little", fileOf({ x: { dtype: "F32", shape: [1], data_offsets: [0, 4] } }), /holds 0 bytes/],
    [
      "arrays that overlap",
      fileOf(
        {
          x: { dtype: "F32", shape: [1], data_offsets: [0, 4] },
          y: { dtype: "F32", shape: [1], data_offsets: [0, 4] },
        },
        floats(1),
      ),
      /"y" does not begin where/,
    ],
    ["metadata that are no texts", fileOf({ __metadata__: { a: 1 } }), /metadata make no sense/],
  ])("%s is refused", (_, bytes, message) => {
    expect(() => new SafetensorsFile(bytes)).toThrow(DamagedFileError);
    expect(() => new SafetensorsFile(bytes)).toThrow(message);
  });

  test("an unknown element type is refused when it is asked for", () => {
    const file = new SafetensorsFile(fileOf({ x: { dtype: "F8_E4M3", shape: [2], data_offsets: [0, 2] } }, [1, 2]));
    expect(() => file.get("x")).toThrow("its element type F8_E4M3 has no counterpart");
  });
});

test("files are written, read, and named in errors", async () => {
  const folder = await mkdtemp(join(tmpdir(), "chain-safetensors-"));
  try {
    const file = join(folder, "model.safetensors");
    const saved = new L.Linear(2, 3);
    await saveSafetensors(file, saved);
    const loaded = new L.Linear(2, 3);
    await loadSafetensors(file, loaded);
    expect(await loaded.W.array.tolist()).toEqual(await saved.W.array.tolist());
    await expect(loadSafetensors(file, new L.Linear(4, 3))).rejects.toThrow(
      /cannot load .*model\.safetensors: "W": .*shape/,
    );
    await expect(loadSafetensors(join(folder, "no"), loaded)).rejects.toThrow(/cannot read/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
