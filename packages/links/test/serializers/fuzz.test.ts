/** Damaged files: none may crash, hang, take much memory, or change the model. `CHAIN_FUZZ=100000 pnpm jest fuzz` tries more. */
import { array, NdArray, random } from "@chain/array";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { crc32 } from "../../src/serializers/crc32.js";
import {
  fromNpz,
  fromSafetensors,
  NpzFile,
  SafetensorsFile,
  SerializationError,
  takeNpz,
  toNpz,
  toSafetensors,
  type AbstractSerializer,
  type SavedValue,
  type Serializable,
  type StoredValues,
} from "../../src/serializers/index.js";
import { concatenate, writeZip } from "../../src/serializers/zip-writer.js";

const rounds = Number(process.env["CHAIN_FUZZ"] ?? 600);
/** More than any of the seeds has a reason to take; DEFLATE makes a thousand bytes of one. */
const mostMemory = 256 * 2 ** 20;

class Box implements Serializable {
  constructor(readonly values: Record<string, SavedValue>) {}

  serialize(serializer: AbstractSerializer): void {
    for (const key of Object.keys(this.values)) {
      this.values[key] = serializer.value(key, this.values[key] as SavedValue);
    }
  }
}

/** A model with every kind of value, and one whose entries take whatever there is. */
const model = (): Box =>
  new Box({
    W: array([
      [1, 2, 3],
      [4, 5, 6],
    ]),
    half: array([1, 2], { dtype: "float16" }),
    ids: array([1, 2, 3], { dtype: "int32" }),
    mask: array([true, false]),
    order: Int32Array.of(3, 1, 2),
    t: 7,
    rate: 0.5,
    flag: true,
    text: "words",
    lazy: null,
  });

/** The model that is loaded into: every value is another one. */
const blank = (): Box =>
  new Box({
    W: array([
      [0, 0, 0],
      [0, 0, 0],
    ]),
    half: array([0, 0], { dtype: "float16" }),
    ids: array([0, 0, 0], { dtype: "int32" }),
    mask: array([false, false]),
    order: new Int32Array(3),
    t: 0,
    rate: 0,
    flag: false,
    text: "",
    lazy: null,
  });

/** What a model is, to the bit. */
function bits(box: Box): string {
  return JSON.stringify(
    Object.entries(box.values).map(([key, value]) => [
      key,
      value instanceof NdArray ? [value.dtype, value.shape, [...value.dataSync()]] : value,
    ]),
  );
}

const fixture = (name: string): Uint8Array => Uint8Array.from(readFileSync(new URL(name, import.meta.url)));

/** Changes bytes in one of the ways in which files go wrong, or are made wrong. */
function mutated(bytes: Uint8Array, generator: random.Generator): Uint8Array<ArrayBuffer> {
  const pick = (n: number): number => Math.floor(generator.random() * n);
  const result = Uint8Array.from(bytes);
  const at = pick(result.length);
  const view = new DataView(result.buffer);
  const extreme = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32 - 16, result.length][pick(7)] as number;
  switch (pick(9)) {
    case 0:
      result[at] = (result[at] as number) ^ (1 << pick(8));
      return result;
    case 1:
      for (let i = 0; i <= pick(16); i++) result[pick(result.length)] = pick(256);
      return result;
    case 2:
      return result.slice(0, at);
    case 3:
      return result.slice(at);
    case 4: // a stretch is missing
      return concatenate([result.subarray(0, at), result.subarray(at + pick(64))]);
    case 5: // a stretch appears twice
      return concatenate([result.subarray(0, at), result.subarray(Math.max(0, at - pick(64)))]);
    case 6: // a length or position is extreme
      if (at + 4 <= result.length) view.setUint32(at, extreme, true);
      return result;
    case 7:
      if (at + 8 <= result.length) view.setBigUint64(at, BigInt(extreme) << BigInt(pick(32)), true);
      return result;
    default: {
      // A digit of a header becomes another, or many.
      const text = Buffer.from(result).toString("latin1");
      const digits = [...text.matchAll(/\d/g)].map(({ index }) => index);
      const digit = digits[pick(digits.length)] ?? 0;
      const other = ["9", "0", "999999999", "-1", "1e9", "null"][pick(6)] as string;
      return Uint8Array.from(Buffer.from(text.slice(0, digit) + other + text.slice(digit + 1), "latin1"));
    }
  }
}

interface Format {
  readonly seeds: () => Promise<Uint8Array[]>;
  readonly load: (bytes: Uint8Array, target: Serializable) => void;
  readonly open: (bytes: Uint8Array) => StoredValues;
  /** Whether what loads is what was saved. */
  readonly hasChecksums: boolean;
  /** Changes what checksums do not see, because it is put together anew. */
  readonly remade?: (bytes: Uint8Array, generator: random.Generator) => Promise<Uint8Array>;
}

const formats: Record<string, Format> = {
  NPZ: {
    seeds: async () => [
      await toNpz(model()),
      await toNpz(model(), { compression: false }),
      concatenate(await writeZip(await takeNpz(model()), { compression: true, large: 1 })),
      fixture("numpy.npz"),
      fixture("versions.npz"),
      fixture("../golden/mlp.npz"),
    ],
    load: fromNpz,
    open: (bytes) => new NpzFile(bytes),
    hasChecksums: true,
    remade: async (_, generator) => {
      const entries = new Map(await takeNpz(model()));
      const names = [...entries.keys()];
      const name = names[Math.floor(generator.random() * names.length)] as string;
      entries.set(name, mutated(entries.get(name) as Uint8Array, generator));
      return concatenate(await writeZip(entries, { compression: generator.random() < 0.5 }));
    },
  },
  safetensors: {
    seeds: async () => [await toSafetensors(model()), await toSafetensors(model(), { metadata: { format: "pt" } })],
    load: fromSafetensors,
    open: (bytes) => new SafetensorsFile(bytes),
    hasChecksums: false,
  },
};

describe.each(Object.entries(formats))("%s", (_, { hasChecksums, load, open, remade, seeds }) => {
  let corpus: Uint8Array[];

  beforeAll(async () => {
    corpus = await seeds();
  });

  test("the seeds are read", () => {
    const target = blank();
    load(corpus[0] as Uint8Array, target);
    expect(bits(target)).toBe(bits(model()));
    for (const seed of corpus) expect(open(seed).keys().length).toBeGreaterThan(0);
  });

  test("what is wrong is refused with a typed error, and changes nothing", async () => {
    const generator = new random.Generator(20);
    const [before, after] = [bits(blank()), bits(model())];
    const kinds = { refused: 0, loaded: 0 };
    for (let round = 0; round < rounds; round++) {
      const seed = corpus[Math.floor(generator.random() * corpus.length)] as Uint8Array;
      const isRemade = remade !== undefined && generator.random() < 0.3;
      const bytes = isRemade ? await remade(seed, generator) : mutated(seed, generator);
      const target = blank();
      const { arrayBuffers } = process.memoryUsage();
      try {
        load(bytes, target);
        if (hasChecksums && !isRemade && bits(target) !== after) throw new Error(`round ${round} loads something else`);
        kinds.loaded++;
      } catch (error) {
        if (!(error instanceof SerializationError)) throw new Error(`round ${round} crashes`, { cause: error });
        if (bits(target) !== before) throw new Error(`round ${round} changes the model`, { cause: error });
        kinds.refused++;
      }
      readAll(bytes, open, round);
      const taken = process.memoryUsage().arrayBuffers - arrayBuffers;
      if (taken > mostMemory) throw new Error(`round ${round} takes ${taken} bytes`);
    }
    // Most damage has to be noticed, and some of it must not matter: otherwise this test would see nothing.
    expect(kinds.refused).toBeGreaterThan(rounds / 2);
    expect(kinds.loaded).toBeGreaterThan(0);
  }, 3_600_000);
});

/** Reads all that a file holds, as a model does that takes everything. */
function readAll(bytes: Uint8Array, open: Format["open"], round: number): void {
  try {
    const file = open(bytes);
    for (const key of file.keys()) {
      try {
        file.get(key);
      } catch (error) {
        if (!(error instanceof SerializationError)) throw error;
      }
    }
  } catch (error) {
    if (!(error instanceof SerializationError)) throw new Error(`round ${round} crashes`, { cause: error });
  }
}

test("the checksum is CRC-32", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
});
