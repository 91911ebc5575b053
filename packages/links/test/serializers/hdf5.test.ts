import { array, NdArray } from "@chain/array";
import * as L from "@chain/links";
import { describe, expect, test } from "@jest/globals";
import * as h5 from "h5wasm";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DamagedFileError,
  fromHdf5,
  loadHdf5,
  saveHdf5,
  SerializationError,
  toHdf5,
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

const make = (full: boolean): Record<string, SavedValue> => ({
  "l1/W": array(full ? [1, NaN, Infinity, -4, 5, 6] : [0, 0, 0, 0, 0, 0]).reshape(2, 3),
  "l1/deep/b": array(full ? [65504, 2 ** -24] : [0, 0], { dtype: "float16" }),
  f8: array([full ? 0.1 : 0], { dtype: "float64" }),
  u4: array([full ? 2 ** 32 - 1 : 0], { dtype: "uint32" }),
  i4: array([full ? -(2 ** 31) : 0], { dtype: "int32" }),
  u1: array(full ? [255, 1] : [0, 0], { dtype: "uint8" }),
  mask: array(full ? [true, false] : [false, false]),
  empty: array(new Float32Array(0)).reshape(0, 3),
  scalar: array(full ? 1.5 : 0),
  order: full ? Int32Array.of(2, 1) : new Int32Array(2),
  whole: full ? 2 ** 53 - 1 : 0,
  number: full ? -0.1 : 0,
  yes: full,
  text: full ? "héllo 🌍" : "",
  none: full ? null : 1,
});

const plain = (values: Record<string, SavedValue>): unknown =>
  Object.entries(values).map(([key, value]) => [
    key,
    value instanceof NdArray ? [value.dtype, value.shape, [...value.dataSync()]] : value,
  ]);

describe("HDF5", () => {
  test.each([0, 4])("gives back what was saved (compression %i)", async (compression) => {
    const target = new Box(make(false));
    await fromHdf5(await toHdf5(new Box(make(true)), { compression }), target);
    expect(plain(target.values)).toEqual(plain(make(true)));
  });

  test("has a dataset for each entry, in groups as the keys say", async () => {
    const { FS } = await h5.ready;
    FS.writeFile("/look.h5", await toHdf5(new L.Classifier(new L.Linear(3, 2))));
    const file = new h5.File("/look.h5", "r");
    expect(file.paths().toSorted()).toEqual(["predictor", "predictor/W", "predictor/b"]);
    expect(file.get("predictor/W")).toMatchObject({ shape: [2, 3], dtype: "<f" });
    file.close();
  });

  test("what others write is read: integers of all sizes, 0-d ones, texts of fixed length", async () => {
    const { FS } = await h5.ready;
    const file = new h5.File("/other.h5", "w");
    file.create_dataset({ name: "i1", data: Int8Array.of(-1), dtype: "<b" });
    file.create_dataset({ name: "i2", data: Int16Array.of(-2), dtype: "<h" });
    file.create_dataset({ name: "i8", data: BigInt64Array.of(-3n), dtype: "<q" });
    file.create_dataset({ name: "s1", data: Uint8Array.of(200), dtype: "<B", shape: [] });
    file.create_dataset({ name: "s2", data: Int16Array.of(-300), dtype: "<h", shape: [] });
    file.create_dataset({ name: "s4", data: Uint32Array.of(2 ** 32 - 1), dtype: "<I", shape: [] });
    file.create_dataset({ name: "fixed", data: "words", dtype: "S8", shape: [] });
    file.close();
    const box = new Box({ i1: new Int32Array(1), i2: new Int32Array(1), i8: 0, s1: 0, s2: 0, s4: 0, fixed: "" });
    await fromHdf5(FS.readFile("/other.h5"), box);
    const scalars = { i8: -3, s1: 200, s2: -300, s4: 2 ** 32 - 1, fixed: "words" };
    expect(box.values).toEqual({ i1: Int32Array.of(-1), i2: Int32Array.of(-2), ...scalars });
  });

  test("what does not fit is refused, and changes nothing", async () => {
    const bytes = await toHdf5(new Box({ a: array([1, 2]), t: 1 }));
    const target = new Box({ a: array([5, 5]), t: "text" });
    await expect(fromHdf5(bytes, target)).rejects.toThrow('"t": a number is stored where a string is expected');
    expect(plain(target.values)).toEqual(plain({ a: array([5, 5]), t: "text" }));
    await expect(fromHdf5(bytes, new Box({ a: array([1, 2, 3]) }))).rejects.toThrow("shape (2), the object's has (3)");
    await expect(fromHdf5(bytes, new Box({ b: 1 }))).rejects.toThrow('there is no entry "b"; there are "a", "t"');
  });

  test("truncated and foreign files are refused with a typed error, and nothing changes", async () => {
    const bytes = await toHdf5(new Box(make(true)));
    for (let length = 0; length < bytes.length; length += 1997) {
      const target = new Box(make(false));
      await expect(fromHdf5(bytes.subarray(0, length), target)).rejects.toThrow(DamagedFileError);
      expect(plain(target.values)).toEqual(plain(make(false)));
    }
    await expect(fromHdf5(new TextEncoder().encode("<html>".repeat(99)), new Box({}))).rejects.toThrow(
      "it is not an HDF5 file",
    );
  });

  test("flipped bits never give another kind of error, and on errors nothing changes", async () => {
    const bytes = await toHdf5(new Box(make(true)));
    let refused = 0;
    for (let at = 0; at < bytes.length; at += 499) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
      const target = new Box(make(false));
      try {
        await fromHdf5(damaged, target);
      } catch (error) {
        refused++;
        expect(error).toBeInstanceOf(SerializationError);
        expect(plain(target.values)).toEqual(plain(make(false)));
      }
    }
    expect(refused).toBeGreaterThan(0);
  });

  test("files", async () => {
    const folder = await mkdtemp(join(tmpdir(), "chain-hdf5-"));
    try {
      const file = join(folder, "model.h5");
      const saved = new L.Linear(2, 3);
      await saveHdf5(file, saved);
      const loaded = new L.Linear(null, 3); // lazy: its size comes with the file
      await loadHdf5(file, loaded);
      expect(await loaded.W.array.tolist()).toEqual(await saved.W.array.tolist());
      await expect(loadHdf5(join(folder, "no"), loaded)).rejects.toThrow(/cannot read/);
      await expect(loadHdf5(file, new L.Linear(5, 3))).rejects.toThrow(/cannot load .*model\.h5/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
