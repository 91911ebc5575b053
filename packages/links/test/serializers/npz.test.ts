import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { array, NdArray, scope } from "@chain/array";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import {
  DamagedFileError,
  DictionarySerializer,
  FileError,
  fromNpz,
  loadNpz,
  NpzDeserializer,
  NpzFile,
  removeLeftovers,
  saveNpz,
  SerializationError,
  toNpz,
  writeFileAtomically,
  type AbstractSerializer,
  type SavedValue,
  type Serializable,
} from "../../src/serializers/index.js";
import { ZipReader } from "../../src/serializers/zip-reader.js";
import { concatenate, writeZip } from "../../src/serializers/zip-writer.js";

function fixture(name: string): Uint8Array {
  return readFileSync(new URL(name, import.meta.url));
}

/** Saves and loads whatever it is made of. */
class Box implements Serializable {
  constructor(readonly values: Record<string, SavedValue>) {}

  serialize(serializer: AbstractSerializer): void {
    for (const key of Object.keys(this.values)) {
      this.values[key] = serializer.value(key, this.values[key] as SavedValue);
    }
  }
}

/** A box whose values have been loaded from what NumPy wrote. */
function loaded(values: Record<string, SavedValue>, file = "numpy.npz"): Record<string, SavedValue> {
  const box = new Box(values);
  fromNpz(fixture(file), box);
  return box.values;
}

async function numbers(value: SavedValue | undefined): Promise<number[]> {
  return Array.from(await (value as NdArray).data());
}

describe("reading what NumPy wrote", () => {
  test("arrays of every element type, into arrays of the same", async () => {
    const zeros = (length: number, dtype: "float32" | "int32" | "uint32" | "uint8" | "bool"): NdArray =>
      array(Array<number>(length).fill(0), { dtype });
    const values = loaded({
      f2: array([0, 0, 0, 0, 0], { dtype: "float16" }),
      f4: array([
        [0, 0, 0],
        [0, 0, 0],
      ]),
      f4_big: zeros(2, "float32"),
      f8: array([0, 0], { dtype: "float64" }),
      i1: zeros(2, "int32"),
      i2: zeros(2, "int32"),
      i4: array([[0], [0]], { dtype: "int32" }),
      i8: zeros(2, "int32"),
      u1: zeros(2, "uint8"),
      u2: zeros(2, "int32"),
      u4: zeros(2, "uint32"),
      u8: zeros(2, "int32"),
      b1: zeros(3, "bool"),
    });
    expect(await numbers(values["f2"])).toEqual([1.5, -2, Infinity, 65504, 2 ** -24]);
    expect(await numbers(values["f4"])).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await numbers(values["f4_big"])).toEqual([1.5, -2.25]);
    expect(await numbers(values["f8"])).toEqual([Math.PI, NaN]);
    expect(await numbers(values["i1"])).toEqual([-128, 127]);
    expect(await numbers(values["i2"])).toEqual([-32768, 32767]);
    expect(await numbers(values["i4"])).toEqual([-(2 ** 31), 2 ** 31 - 1]);
    expect(await numbers(values["i8"])).toEqual([-(2 ** 31), 2 ** 31 - 1]);
    expect(await numbers(values["u1"])).toEqual([0, 255]);
    expect(await numbers(values["u2"])).toEqual([0, 65535]);
    expect(await numbers(values["u4"])).toEqual([0, 2 ** 32 - 1]);
    expect(await numbers(values["u8"])).toEqual([0, 2 ** 31 - 1]);
    expect(await numbers(values["b1"])).toEqual([1, 0, 1]);
  });

  test("Fortran order", async () => {
    const { f4_fortran: result } = loaded({ f4_fortran: null });
    expect((result as NdArray).shape).toEqual([2, 3, 4]);
    expect(await numbers(result)).toEqual(Array.from({ length: 24 }, (_, i) => i));
  });

  test("null takes what is there", async () => {
    const values = loaded({ f4: null, scalar: null, text: null, none: null, empty: null, i8_scalar: null });
    expect((values["f4"] as NdArray).dtype).toBe("float32");
    expect(await numbers(values["f4"])).toEqual([1, 2, 3, 4, 5, 6]);
    expect(values["scalar"]).toBe(2.5);
    expect(values["text"]).toBe("héllo 🌍");
    expect(values["none"]).toBeNull();
    expect((values["empty"] as NdArray).shape).toEqual([0, 3]);
    expect(values["i8_scalar"]).toBe(2 ** 53 - 1);
  });

  test("numbers, texts, booleans and typed arrays", () => {
    const values = loaded({
      scalar: 0,
      i8_scalar: 0,
      text: "",
      text_empty: "x",
      bytes: "",
      b1: new Uint8Array(3),
      i8: new Int32Array(0),
      "nested/deep/key": new Float32Array(1),
    });
    expect(values["scalar"]).toBe(2.5);
    expect(values["i8_scalar"]).toBe(2 ** 53 - 1);
    expect(values["text"]).toBe("héllo 🌍");
    expect(values["text_empty"]).toBe("");
    expect(values["bytes"]).toBe("abc");
    expect(values["b1"]).toEqual(Uint8Array.of(1, 0, 1));
    expect(values["i8"]).toEqual(Int32Array.of(-(2 ** 31), 2 ** 31 - 1));
    expect(values["nested/deep/key"]).toEqual(Float32Array.of(7));
  });

  test("None replaces anything", () => {
    expect(loaded({ none: 3 })).toEqual({ none: null });
    expect(loaded({ none: array([1]) })).toEqual({ none: null });
  });

  test.each([1, 2, 3])("format version %i", (version) => {
    expect(loaded({ [`v${version}`]: new Float32Array(0) }, "versions.npz")).toEqual({
      [`v${version}`]: Float32Array.of(1, 2),
    });
  });

  test("headers are read without the arrays", () => {
    const npz = new NpzFile(fixture("numpy.npz"));
    expect(npz.keys()).toContain("nested/deep/key");
    expect(npz.header("f4_fortran")).toMatchObject({ descr: "<f4", fortranOrder: true, shape: [2, 3, 4] });
    expect(npz.header("scalar")).toMatchObject({ descr: "<f8", shape: [] });
  });
});

describe("refusing what does not fit", () => {
  const refusal = (values: Record<string, SavedValue>): string => {
    const box = new Box({ ...values });
    let message = "";
    try {
      fromNpz(fixture("numpy.npz"), box);
    } catch (error) {
      expect(error).toBeInstanceOf(SerializationError);
      message = (error as Error).message;
    }
    expect(box.values).toEqual(values);
    return message;
  };

  test("another shape", () => {
    expect(refusal({ f4: array([1, 2, 3]) })).toBe('"f4": the stored array has shape (2, 3), the object\'s has (3)');
    expect(refusal({ one_axis: array(1) })).toMatch(/shape \(1\)/);
  });

  test("another kind", () => {
    expect(refusal({ text: 1 })).toMatch(/a string is stored where a number is expected/);
    expect(refusal({ scalar: "x" })).toMatch(/a number is stored where a string is expected/);
    expect(refusal({ text: array(1) })).toMatch(/a text is stored where an array is expected/);
    expect(refusal({ f4: 1 })).toMatch(/an array of shape \(2, 3\) is stored where one value is expected/);
    expect(
      refusal({
        f4: array(
          [
            [0, 0, 0],
            [0, 0, 0],
          ],
          { dtype: "int32" },
        ),
      }),
    ).toMatch(/does not convert to int32/);
    expect(refusal({ f8: new Int32Array(2) })).toMatch(/does not convert to Int32Array/);
  });

  test("numbers out of range", () => {
    expect(refusal({ i8_large: null })).toMatch(/2147483648, which does not fit into int32/);
    expect(refusal({ u2: array([0, 0], { dtype: "uint8" }) })).toMatch(/65535, which does not fit into uint8/);
    expect(refusal({ u4: array([0, 0], { dtype: "int32" }) })).toMatch(/4294967295, which does not fit into int32/);
    expect(refusal({ i1: array([0, 0], { dtype: "uint32" }) })).toMatch(/-128, which does not fit into uint32/);
    expect(refusal({ i8_huge: 0 })).toMatch(/9007199254740992 is stored, which a JavaScript number does not hold/);
  });

  test("pickled objects", () => {
    expect(refusal({ object: null })).toMatch(/never unpickled/);
    expect(refusal({ objects: null })).toMatch(/never unpickled/);
  });

  test("element types without a counterpart", () => {
    expect(refusal({ complex: null })).toMatch(/element type <c16 has no counterpart/);
    expect(refusal({ records: null })).toMatch(/records/);
  });

  test("a missing entry, with a hint", () => {
    expect(refusal({ f4: 0, missing: 1 })).toMatch(/array of shape/);
    expect(refusal({ missing: 1 })).toMatch(/there is no entry "missing"; there are "f2", "f4"/);
    expect(refusal({ "deep/key": 1 })).toMatch(/give path: "nested\/"/);
  });

  test("an earlier entry keeps its value when a later one fails", async () => {
    const f4 = array([
      [9, 9, 9],
      [9, 9, 9],
    ]);
    refusal({ scalar: 1, f4, missing: 2 });
    expect(await numbers(f4)).toEqual([9, 9, 9, 9, 9, 9]);
  });

  test("strict: false leaves what is missing as it is; ignored names too", () => {
    const box = new Box({ scalar: 1, missing: 2, text: "as it was" });
    fromNpz(fixture("numpy.npz"), box, { strict: false, ignoreNames: ["text"] });
    expect(box.values).toEqual({ scalar: 2.5, missing: 2, text: "as it was" });
    const other = new Box({ scalar: 1, text: "" });
    fromNpz(fixture("numpy.npz"), other, { ignoreNames: (key) => key.startsWith("sc") });
    expect(other.values).toEqual({ scalar: 1, text: "héllo 🌍" });
  });

  test("a path", () => {
    const box = new Box({ key: new Float32Array(1) });
    fromNpz(fixture("numpy.npz"), box, { path: "nested/deep/" });
    expect(box.values["key"]).toEqual(Float32Array.of(7));
  });
});

describe("saving", () => {
  const state = (): Record<string, SavedValue> => ({
    array: array([
      [1, 2],
      [3, 4],
    ]).T,
    half: array([0.5, 65504], { dtype: "float16" }),
    flags: array([true, false]),
    empty: array([[], []]),
    zero: array(3),
    order: Int32Array.of(2, 0, 1),
    whole: 12345678901,
    fraction: 0.1,
    negativeZero: -0,
    infinite: -Infinity,
    yes: true,
    text: "päth/to: 🌍",
    nothing: null,
  });

  test.each([true, false])("gives back what was saved (compression: %p)", async (compression) => {
    const saved = state();
    const bytes = await toNpz(new Box(saved), { compression });
    const blank: Record<string, SavedValue> = {
      ...state(),
      array: array([
        [0, 0],
        [0, 0],
      ]),
      half: array([0, 0], { dtype: "float16" }),
      flags: array([false, false]),
      zero: array(0),
      order: Int32Array.of(0, 0, 0),
      whole: 0,
      fraction: 0,
      negativeZero: 1,
      infinite: 0,
      yes: false,
      text: "",
      nothing: 7,
    };
    const box = new Box(blank);
    fromNpz(bytes, box);
    for (const [key, value] of Object.entries(saved)) {
      const back = box.values[key];
      if (value instanceof NdArray) {
        expect((back as NdArray).shape).toEqual(value.shape);
        expect(await numbers(back)).toEqual(await numbers(value));
      } else {
        expect(back).toEqual(value);
      }
    }
  });

  test("the archive is that of the moment of the call", async () => {
    const x = array([1, 2, 3]);
    const order = Int32Array.of(1, 2);
    const pending = toNpz(new Box({ x, order }));
    order.fill(9);
    scope(() => fromNpzOf({ x: Float32Array.of(7, 7, 7) }, x));
    const box = new Box({ x: new Float32Array(0), order: new Int32Array(0) });
    fromNpz(await pending, box);
    expect(box.values).toEqual({ x: Float32Array.of(1, 2, 3), order: Int32Array.of(1, 2) });
  });

  test("equal states give equal bytes", async () => {
    expect(await toNpz(new Box(state()))).toEqual(await toNpz(new Box(state())));
  });

  test("children's keys are Chainer's", () => {
    const serializer = new DictionarySerializer();
    serializer.child("/predictor/l1/W").value("t", 1);
    serializer.child("updater").child("model:main/").value("/x", 2);
    serializer.value("top", 3);
    expect([...serializer.target.keys()]).toEqual(["predictor/l1/W/t", "updater/model:main/x", "top"]);
  });

  test("refuses typed arrays that have no dtype", async () => {
    await expect(toNpz(new Box({ x: new Uint16Array(1) }))).rejects.toThrow(/Uint16Array cannot be saved/);
  });
});

/** Overwrites an array. */
function fromNpzOf(values: { x: Float32Array }, target: NdArray): void {
  target.storage.backend.write(target.storage.buffer, 0, new Uint8Array(values.x.buffer));
}

describe("damaged archives", () => {
  const target = (): Box => new Box({ a: array([5, 5, 5, 5]), n: 5, t: "five" });
  let bytes: Uint8Array;

  beforeAll(async () => {
    bytes = await toNpz(new Box({ a: array([1, 2, 3, 4]), n: 1, t: "one" }));
  });

  /** Whether the bytes load; if not, the error is ours and nothing has changed. */
  function loads(damaged: Uint8Array): boolean {
    const box = target();
    try {
      fromNpz(damaged, box);
    } catch (error) {
      expect(error).toBeInstanceOf(SerializationError);
      expect((box.values["a"] as NdArray).dataSync()).toEqual(Float32Array.of(5, 5, 5, 5));
      expect(box.values).toMatchObject({ n: 5, t: "five" });
      return false;
    }
    expect((box.values["a"] as NdArray).dataSync()).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(box.values).toMatchObject({ n: 1, t: "one" });
    return true;
  }

  test("a flipped bit anywhere in the directory is noticed", () => {
    const end = Buffer.from(bytes).lastIndexOf("chain: CRC-32");
    let start = 0;
    while (new DataView(bytes.buffer).getUint32(start, true) !== 0x02014b50) start++;
    for (let at = start; at < end; at++) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = (damaged[at] as number) ^ 16;
      expect(() => fromNpz(damaged, target())).toThrow(DamagedFileError);
    }
  });

  test("every truncation is noticed", () => {
    expect(loads(bytes)).toBe(true);
    for (let length = 0; length < bytes.length; length++) expect(loads(bytes.subarray(0, length))).toBe(false);
  });

  test("a flipped bit is noticed, or changes nothing that matters", () => {
    let noticed = 0;
    for (let at = 0; at < bytes.length; at++) {
      for (const bit of [0, 3, 7]) {
        const damaged = bytes.slice();
        damaged[at] = (damaged[at] as number) ^ (1 << bit);
        if (!loads(damaged)) noticed++;
      }
    }
    expect(noticed).toBeGreaterThan(bytes.length * 1.5);
  });

  test("what is no archive at all", () => {
    expect(() => fromNpz(new Uint8Array(0), target())).toThrow(/not a ZIP archive/);
    expect(() => fromNpz(new TextEncoder().encode("<html>not found</html>".repeat(10)), target())).toThrow(
      SerializationError,
    );
  });

  test("sizes that cannot be are refused before memory is taken", () => {
    const damaged = Uint8Array.from(bytes);
    const view = new DataView(damaged.buffer);
    damaged.fill(0x20, Buffer.from(damaged).lastIndexOf("chain: CRC-32")); // as if it were somebody else's archive
    let at = 0;
    while (view.getUint32(at, true) !== 0x02014b50) at++;
    view.setUint32(at + 24, 0xfffffff0, true); // uncompressed size in the directory
    expect(() => fromNpz(damaged, target())).toThrow(/impossible sizes/);
  });

  test("a header that announces more than there is", async () => {
    const plain = await toNpz(new Box({ a: array([1, 2, 3, 4]) }), { compression: false });
    const text = Buffer.from(plain).toString("latin1");
    const damaged = Buffer.from(text.replace("(4,), }", "(9,), }"), "latin1");
    expect(() => fromNpz(damaged, new Box({ a: null }))).toThrow(/its header announces 164 bytes, it has 144/);
  });
});

describe("files", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "chain-npz-"));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  test("are written whole, under exactly the name given, over older ones", async () => {
    const file = join(folder, "snapshot_iter_1");
    await saveNpz(file, new Box({ x: 1 }));
    await saveNpz(file, new Box({ x: 2 }));
    const box = new Box({ x: 0 });
    await loadNpz(file, box);
    expect(box.values).toEqual({ x: 2 });
    expect(await readdir(folder)).toEqual(["snapshot_iter_1"]);
  });

  test("a URL names one too", async () => {
    const file = new URL(`file://${folder}/by-url.npz`);
    await saveNpz(file, new Box({ x: 1 }));
    const box = new Box({ x: 0 });
    await loadNpz(file, box);
    expect(box.values).toEqual({ x: 1 });
    await rm(file);
  });

  test("errors name the file", async () => {
    await expect(loadNpz(join(folder, "missing"), new Box({}))).rejects.toThrow(/cannot read .*missing/);
    const file = join(folder, "bad.npz");
    await writeFile(file, "nothing");
    await expect(loadNpz(file, new Box({}))).rejects.toThrow(/cannot load .*bad\.npz: it is not a ZIP archive/);
    await expect(saveNpz(join(folder, "no", "such", "folder"), new Box({}))).rejects.toThrow(/cannot write .*folder/);
    await rm(file);
  });

  test("a failed write leaves the old file and nothing else", async () => {
    const file = join(folder, "kept.npz");
    await saveNpz(file, new Box({ x: 1 }));
    const before = await readFile(file);
    await expect(saveNpz(file, new Box({ x: new Uint16Array(1) }))).rejects.toThrow(SerializationError);
    expect(await readFile(file)).toEqual(before);
    await expect(saveNpz(`${file}/inside`, new Box({ x: 2 }))).rejects.toThrow(SerializationError);
    expect(await readdir(folder)).toEqual(["kept.npz", "snapshot_iter_1"]);
  });
});

describe("writing a file", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "chain-write-"));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test("of texts, bytes, and stretches of bytes", async () => {
    const file = join(folder, "file");
    await writeFileAtomically(file, "héllo");
    expect(await readFile(file, "utf8")).toBe("héllo");
    await writeFileAtomically(file, [Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)]);
    expect([...(await readFile(file))]).toEqual([1, 2, 3]);
    await expect(writeFileAtomically(join(folder, "file", "x"), "")).rejects.toThrow(FileError);
    expect(await readdir(folder)).toEqual(["file"]);
  });

  test("killed processes' leftovers are removed, those of running ones and other files stay", async () => {
    const { pid: dead } = spawnSync(process.execPath, ["--version"]);
    const now = Math.round(Date.now() / 1000);
    const startOfThis = Math.round(now - process.uptime());
    const stay = [
      `.log.${process.pid}.${startOfThis}.0123abcd.tmp`,
      `.log.${process.ppid}.${now}.0123abcd.tmp`,
      `.log.${dead}.tmp`,
      `log.${dead}.${now}.0123abcd.tmp`,
      "log",
    ];
    const leftovers = [
      `.log.${dead}.${now}.0123abcd.tmp`,
      `.snapshot_iter_3.${dead}.${now}.ffffffff.tmp`,
      `.log.${process.pid}.${startOfThis - 3600}.0123abcd.tmp`, // of one that had the same number earlier
    ];
    for (const name of [...stay, ...leftovers]) await writeFile(join(folder, name), "half");
    await removeLeftovers(folder);
    expect((await readdir(folder)).toSorted()).toEqual(stay.toSorted());
  });
});

describe("ZIP64", () => {
  test("is written where sizes, positions or the number of entries need it, and read", async () => {
    const entries = new Map([
      ["small", Uint8Array.of(1, 2, 3)],
      ["large", Uint8Array.from({ length: 200 }, (_, i) => i)],
      ["after", Uint8Array.of(4)],
    ]);
    for (const compression of [false, true]) {
      for (const large of [1, 100, 250, undefined]) {
        const bytes = concatenate(await writeZip(entries, { compression, ...(large === undefined ? {} : { large }) }));
        const reader = new ZipReader(bytes);
        expect(reader.names()).toEqual([...entries.keys()]);
        for (const [name, contents] of entries) expect(reader.read(name)).toEqual(contents);
        const hasLocator = Buffer.from(bytes).includes(Buffer.from("504b0607", "hex"));
        expect(hasLocator).toBe(large !== undefined);
      }
    }
  });

  test("more than 65535 entries", async () => {
    const empty = new Uint8Array(0);
    const entries = new Map(Array.from({ length: 65_536 }, (_, i) => [String(i), empty]));
    const reader = new ZipReader(concatenate(await writeZip(entries, { compression: false })));
    expect(reader.names()).toHaveLength(65_536);
    expect(reader.read("65535")).toEqual(empty);
  });
});

test("checking and loading are two passes, and the first changes nothing", () => {
  const seen: [checking: boolean, value: number][] = [];
  const object: Serializable & { x: number } = {
    x: 1,
    serialize(serializer) {
      this.x = serializer.value("scalar", this.x);
      seen.push([serializer.checking, this.x]);
    },
  };
  new NpzDeserializer(new NpzFile(fixture("numpy.npz"))).load(object);
  expect(seen).toEqual([
    [true, 1],
    [false, 2.5],
  ]);
});
