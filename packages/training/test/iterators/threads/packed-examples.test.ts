import { array, memoryInfo, scope, type NdArray } from "@chain/array";
import { expect, test } from "@jest/globals";
import { fc } from "../../../../../testing/property.js";
import { packExamples, unpackExamples } from "../../../src/iterators/threads/packed-examples.js";

const typed = fc.oneof(
  fc.float32Array({ maxLength: 5 }),
  fc.float64Array({ maxLength: 5 }),
  fc.int8Array({ maxLength: 5 }),
  fc.int16Array({ maxLength: 5 }),
  fc.uint8ClampedArray({ maxLength: 5 }),
  fc.uint32Array({ maxLength: 5 }),
  fc.bigInt64Array({ maxLength: 5 }),
);
const { tree: example } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    fc.double(),
    typed,
    fc.string(),
    fc.constantFrom(null, undefined, true, 7n),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(fc.string(), tie("tree"), { maxKeys: 3 }).map((entries) => ({ ...entries })),
  ),
}));

test("examples come out as they went in, through a message and memory that was used before", () => {
  fc.assert(
    fc.property(fc.array(example, { maxLength: 6 }), fc.nat(200), (examples, bytes) => {
      const used = new SharedArrayBuffer(bytes);
      new Uint8Array(used).fill(255);
      const packed = packExamples(examples, used);
      const { memory, ...message } = packed;
      expect(unpackExamples({ memory, ...structuredClone(message) })).toEqual(examples);
    }),
  );
});

test("memory is used again if it is large enough, and nothing of it is in the examples", () => {
  const examples = [[Float32Array.of(1, 2), 3] as const, [Float32Array.of(4, 5), 6] as const];
  const first = packExamples(examples, null);
  expect([first.memory.byteLength, first.starts, first.layouts.length]).toEqual([32, [0, 16], 1]);
  expect(packExamples(examples, first.memory).memory).toBe(first.memory);
  expect(packExamples([...examples, ...examples], first.memory).memory.byteLength).toBe(64);
  const unpacked = unpackExamples(first);
  new Uint8Array(first.memory).fill(0);
  expect(unpacked).toEqual(examples);
});

test("examples of one kind share a layout, others do not", () => {
  const count = (...examples: unknown[]): number => packExamples(examples, null).layouts.length;
  expect(count([1, { a: array([[1]]) }], [2, { a: array([[5]]) }])).toBe(1);
  for (const [one, other] of [
    [1, "1"],
    ["a", "a"],
    [array([1]), array([1, 2])],
    [array([[1]]), array([1])],
    [array([1]), array([1], { dtype: "int32" })],
    [array([1]), Float32Array.of(1)],
    [Float32Array.of(1), Float32Array.of(1, 2)],
    [Int8Array.of(1), Uint8Array.of(1)],
    [[1], [1, 2]],
    [{ a: 1 }, { b: 1 }],
    [{ a: 1 }, [1]],
  ]) {
    expect(count(one, other)).toBe(2);
  }
});

test.each(["float16", "float32", "float64", "int32", "uint32", "uint8", "bool"] as const)("%s arrays", (dtype) => {
  const examples = [
    array([0, 1, 0.5, 2], { dtype }).reshape(2, 2).transpose(),
    array([], { dtype }),
    array(1, { dtype }),
    array([[0, 1]], { dtype }),
  ];
  const found = unpackExamples(packExamples(examples, null)) as NdArray[];
  expect(found.map((x) => [x.dtype, x.shape, x.tolistSync()])).toEqual(
    examples.map((x) => [dtype, x.shape, x.tolistSync()]),
  );
});

test("arrays belong to the scope in which they are unpacked", () => {
  const packed = packExamples([array([1, 2])], null);
  const live = (): unknown => Object.values(memoryInfo()).map(({ arrays, bytes }) => [arrays, bytes]);
  const before = live();
  scope(() => void unpackExamples(packed));
  expect(live()).toEqual(before);
});
