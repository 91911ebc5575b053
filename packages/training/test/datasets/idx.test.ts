import { ValueError } from "@chain/array";
import { describe, expect, test } from "@jest/globals";
import { parseIdx } from "../../src/datasets/idx.js";

const bytes = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255);

describe("parseIdx", () => {
  test("reads shape and elements", () => {
    const { data, shape } = parseIdx(bytes, "file");
    expect([shape, [...data]]).toEqual([
      [2, 3],
      [1, 2, 3, 4, 5, 255],
    ]);
  });

  test.each([
    ["nothing", new Uint8Array(0)],
    ["another format", Uint8Array.from(bytes, (byte, i) => (i === 0 ? 31 : byte))],
    ["another type", Uint8Array.from(bytes, (byte, i) => (i === 2 ? 13 : byte))],
    ["a cut-off header", bytes.slice(0, 7)],
    ["a cut-off file", bytes.slice(0, -1)],
    ["a file that is too long", Uint8Array.of(...bytes, 0)],
  ])("refuses %s, naming the file", (_, wrong) => {
    expect(() => parseIdx(wrong, "train-images")).toThrow(ValueError);
    expect(() => parseIdx(wrong, "train-images")).toThrow("train-images");
  });
});
