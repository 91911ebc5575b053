import { describe, expect, test } from "@jest/globals";
import { getBackend } from "../../src/device.js";
import { draw, wordsKernel } from "../../src/random/draws.js";
import { HostStream, philoxHost, wordsOf } from "../../src/random/philox-host.js";
import { elementwise } from "../../src/kernel/elementwise.js";
import { fromElements } from "../../src/creation/from-host.js";
import { multiplyHigh } from "../../src/random/philox.js";
import { devices } from "../devices.js";

// Known answers of Random123, the library of Philox's authors.
const answers = [
  { counter: [0, 0, 0, 0], key: [0, 0], words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
] as const;

test.each(answers)("known answer for counter $counter", ({ counter, key, words }) => {
  expect(philoxHost([...counter], [...key])).toEqual(words);
});

describe.each(devices)("on %s", (device) => {
  const backend = getBackend(device);

  test("the upper half of a product", async () => {
    const values = [0, 1, 3, 0xffff, 0x10000, 0x12345678, 0x80000000, 0xffffffff];
    const kernel = elementwise("high", (a, b) => multiplyHigh(a, b));
    const a = fromElements(values, "uint32", [8, 1], backend);
    const b = fromElements(values, "uint32", [8], backend);
    const expected = values.flatMap((x) => values.map((y) => Number((BigInt(x) * BigInt(y)) >> 32n)));
    expect([...(await kernel(a, b).data())]).toEqual(expected);
  });

  test("words are those of the host, in planes of one word of every block", async () => {
    for (const [seed, counter, size] of [
      [0, 0, 4],
      [7, 2 ** 32 - 2, 18],
      [2 ** 50 + 3, 2 ** 33 + 5, 40],
    ] as const) {
      const blocks = Math.ceil(size / 4);
      const all = Array.from({ length: blocks }, (_, i) => philoxHost([...wordsOf(counter + i), 0, 0], wordsOf(seed)));
      const expected = [0, 1, 2, 3].flatMap((lane) => all.map((words) => words[lane] as number)).slice(0, size);
      const x = draw(wordsKernel, { seed, counter }, "uint32", [size], backend);
      expect([...(await x.data())]).toEqual(expected);
    }
  });
});

test("numbers of the host lie in [0, 1), have 53 bits, and come two from a counter", () => {
  const stream = new HostStream(9, 4);
  const [a, b, c, d] = philoxHost([4, 0, 0, 0], [9, 0]);
  expect(stream.next()).toBe(Number((BigInt(a >>> 5) << 26n) | BigInt(b >>> 6)) * 2 ** -53);
  expect(stream.next()).toBe(Number((BigInt(c >>> 5) << 26n) | BigInt(d >>> 6)) * 2 ** -53);
  const [e] = philoxHost([5, 0, 0, 0], [9, 0]);
  expect(Math.floor(stream.next() * 2 ** 27)).toBe(e >>> 5);
});
