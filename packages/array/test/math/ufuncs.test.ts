import { describe, expect, test } from "@jest/globals";
import * as nx from "../../src/index.js";
import { devices } from "../devices.js";

const int32 = (...values: number[]): nx.NdArray => nx.array(values, { dtype: "int32" });
const uint8 = (...values: number[]): nx.NdArray => nx.array(values, { dtype: "uint8" });

describe.each(devices)("elementwise functions on %s", (device) => {
  const array = (values: nx.ArrayLikeValue, dtype?: nx.DType): nx.NdArray => nx.array(values, { dtype, device });

  test("results live where the operands do", async () => {
    const y = nx.add(array([1, 2]), array([[10], [20]]));
    expect(y.device).toBe(device);
    expect(await y.tolist()).toEqual([
      [11, 12],
      [21, 22],
    ]);
  });

  test("views of any layout, also as out", async () => {
    const x = array([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const out = nx.zeros([3, 4], { device });
    nx.multiply(x.T, 10, { out: out.get(nx.slice(), nx.slice(null, null, 2)) });
    expect(await out.tolist()).toEqual([
      [10, 0, 40, 0],
      [20, 0, 50, 0],
      [30, 0, 60, 0],
    ]);
  });

  test("in place where operand and result overlap", async () => {
    const x = array([1, 2, 3, 4, 5]);
    nx.add(x.get(nx.slice(1)), x.get(nx.slice(0, -1)), { out: x.get(nx.slice(1)) });
    expect(await x.tolist()).toEqual([1, 3, 5, 7, 9]);
  });

  test("where leaves the rest of out alone, and gives 0 without out", async () => {
    const x = array([1, 4, 9, 16]);
    const mask = nx.greater(x, 4);
    const out = array([-1, -1, -1, -1]);
    expect(nx.sqrt(x, { where: mask, out })).toBe(out);
    expect(await out.tolist()).toEqual([-1, -1, 3, 4]);
    expect(await nx.sqrt(x, { where: mask }).tolist()).toEqual([0, 0, 3, 4]);
    const row = nx.add(array([[1], [2]]), 0, { where: array([true, false]) });
    expect(await row.tolist()).toEqual([
      [1, 0],
      [2, 0],
    ]);
  });
});

describe("dtypes", () => {
  test.each<[nx.DType, nx.DType, nx.DType]>([
    ["int32", "float32", "float32"],
    ["int32", "float16", "float16"],
    ["float32", "float64", "float64"],
    ["float16", "float32", "float32"],
    ["uint8", "int32", "int32"],
    ["int32", "uint32", "int32"],
    ["bool", "uint8", "uint8"],
    ["bool", "bool", "bool"],
  ])("%s + %s is %s", (a, b, expected) => {
    expect(nx.add(nx.ones([2], { dtype: a }), nx.ones([2], { dtype: b })).dtype).toBe(expected);
  });

  test("numbers are weak: they take the array's dtype, fractions make integers float32", () => {
    expect(nx.add(nx.ones([1], { dtype: "float64" }), 0.1).dataSync()[0]).toBe(1.1);
    expect(nx.add(nx.ones([1], { dtype: "float16" }), 2).dtype).toBe("float16");
    expect(nx.multiply(int32(3), 2).dtype).toBe("int32");
    expect(nx.multiply(int32(3), 0.5).tolistSync()).toEqual([1.5]);
    expect(nx.add(nx.array([true]), 1).dtype).toBe("int32");
    expect(nx.subtract(1, uint8(1)).dtype).toBe("uint8");
  });

  test("functions of integers and true division give float32", () => {
    expect(nx.exp(int32(0)).dtype).toBe("float32");
    expect(nx.divide(int32(1), int32(2)).tolistSync()).toEqual([0.5]);
    expect(nx.floor(int32(3)).dtype).toBe("float32");
    expect(nx.sqrt(nx.array([true])).dtype).toBe("float32");
    expect(nx.arctan2(int32(0), nx.ones([1], { dtype: "float64" })).dtype).toBe("float64");
  });

  test("dtype chooses what is computed in", () => {
    expect(nx.add(int32(2 ** 31 - 1), 1, { dtype: "float64" }).tolistSync()).toEqual([2 ** 31]);
    expect(nx.divide(int32(1), int32(3), { dtype: "float64" }).tolistSync()).toEqual([1 / 3]);
    expect(nx.add(nx.array([1.9]), nx.array([1.9]), { dtype: "int32" }).tolistSync()).toEqual([2]);
  });

  test("out converts to a wider kind, never to a narrower one", () => {
    const wide = nx.zeros([2], { dtype: "float64" });
    expect(nx.add(int32(1, 2), 1, { out: wide }).tolistSync()).toEqual([2, 3]);
    const halves = nx.zeros([1], { dtype: "float16" });
    expect(nx.add(nx.array([0.1]), 0, { out: halves }).itemSync()).toBeCloseTo(0.1, 4);
    expect(() => nx.add(nx.array([1.5]), 1, { out: int32(0) })).toThrow(nx.InvalidType);
    expect(() => nx.add(int32(1), 1, { out: uint8(0) })).toThrow(/expected an array that holds int32, got uint8/);
    expect(() => nx.greater(int32(1), 0, { out: int32(0) })).not.toThrow();
    expect(() => int32(1).idiv(2)).toThrow(nx.InvalidType);
    expect(int32(3).imul(2).tolistSync()).toEqual([6]);
  });

  test("bool has no subtraction and no negative", () => {
    const b = nx.array([true, false]);
    expect(() => nx.subtract(b, b)).toThrow(nx.InvalidType);
    expect(() => nx.negative(b)).toThrow(nx.InvalidType);
    expect(() => nx.clip(b, 0, 1)).toThrow(nx.InvalidType);
    expect(() => nx.round(b)).toThrow(nx.InvalidType);
    expect(nx.floorDivide(b, 1).dtype).toBe("int32");
  });

  test("bitwise functions take no floats", () => {
    expect(() => nx.bitwiseAnd(nx.array([1]), 1)).toThrow(nx.InvalidType);
    expect(() => nx.invert(nx.array([1]))).toThrow(nx.InvalidType);
    expect(() => nx.leftShift(nx.array([1]), 1)).toThrow(nx.InvalidType);
  });
});

describe("numbers", () => {
  test("a function of numbers alone is a 0-d float32 array", () => {
    const y = nx.exp(0);
    expect([y.shape, y.dtype, y.itemSync()]).toEqual([[], "float32", 1]);
    expect(nx.hypot(3, 4).itemSync()).toBe(5);
  });

  test("a number that an integer array cannot hold is an error, not another number", () => {
    expect(() => nx.add(uint8(1), 300)).toThrow(/300 does not fit into uint8/);
    expect(() => nx.add(uint8(1), -1)).toThrow(nx.ValueError);
    expect(() => nx.multiply(2 ** 31, int32(1))).toThrow(nx.ValueError);
    expect(() => nx.maximum(uint8(1), 256, { out: uint8(0) })).toThrow(nx.ValueError);
    expect(nx.add(nx.array([1], { dtype: "uint32" }), 2 ** 32 - 2).tolistSync()).toEqual([2 ** 32 - 1]);
  });

  test("but comparisons mean the number itself", () => {
    expect(nx.less(uint8(1, 255), 300).tolistSync()).toEqual([true, true]);
    expect(nx.greater(uint8(0, 1), -1).tolistSync()).toEqual([true, true]);
    expect(nx.equal(int32(-1), 2 ** 32 - 1).tolistSync()).toEqual([false]);
    expect(nx.notEqual(int32(-1), 2 ** 32 - 1).tolistSync()).toEqual([true]);
    expect(nx.lessEqual(2 ** 40, int32(5)).tolistSync()).toEqual([false]);
    expect(nx.greaterEqual(-(2 ** 40), nx.array([5], { dtype: "uint32" })).tolistSync()).toEqual([false]);
    const out = nx.array([false, false]);
    nx.less(uint8(1, 2), 1000, { out, where: nx.array([true, false]) });
    expect(out.tolistSync()).toEqual([true, false]);
  });

  test("limits of clip beyond an integer's range limit nothing", () => {
    expect(nx.clip(uint8(0, 200), -5, 100).tolistSync()).toEqual([0, 100]);
    expect(nx.clip(uint8(0, 200), 10, 1000).tolistSync()).toEqual([10, 200]);
    expect(() => nx.clip(uint8(1), 300, 400)).toThrow(nx.ValueError);
    expect(nx.clip(int32(1, 5), 1.5, null).tolistSync()).toEqual([1.5, 5]);
    expect(() => nx.clip(nx.array([1]), null, null)).toThrow(nx.ValueError);
  });

  test("powers: integers to a negative number are refused, arrays of exponents are not", () => {
    expect(() => nx.power(int32(2), -1)).toThrow(nx.ValueError);
    expect(nx.power(int32(2, 1, -1), int32(-1, -1, -1)).tolistSync()).toEqual([0, 1, -1]);
    expect(nx.power(int32(2), -1, { dtype: "float32" }).tolistSync()).toEqual([0.5]);
    expect(nx.power(int32(4), 0.5).tolistSync()).toEqual([2]);
    expect(nx.floatPower(int32(4), -1).tolistSync()).toEqual([0.25]);
    expect(() => nx.floatPower(int32(4), 2, { dtype: "int32" })).toThrow(nx.InvalidType);
  });
});

describe("bad input", () => {
  const x = nx.ones([2, 3]);

  test("shapes that do not broadcast", () => {
    expect(() => nx.add(x, nx.ones([2]))).toThrow(nx.ValueError);
  });

  test("an out of another shape", () => {
    expect(() => nx.add(x, 1, { out: nx.zeros([3, 2]) })).toThrow(nx.ValueError);
    expect(() => nx.add(x, 1, { out: nx.zeros([3]) })).toThrow(nx.InvalidType);
  });

  test("lists and undefined instead of arrays", () => {
    expect(() => nx.add([1, 2] as unknown as nx.NdArray, x)).toThrow(/make an array of it with array\(\)/);
    expect(() => nx.add(x, undefined as unknown as number)).toThrow(nx.InvalidType);
    expect(() => nx.exp(null as unknown as number)).toThrow(nx.InvalidType);
    expect(() => nx.sum([1] as unknown as nx.NdArray)).toThrow(nx.InvalidType);
  });

  test("a mask that is not bool", () => {
    expect(() => nx.add(x, 1, { where: x })).toThrow(nx.InvalidType);
  });

  test("arrays on different devices", () => {
    expect(() => nx.add(x, nx.ones([3], { device: "js" }))).toThrow(nx.DeviceError);
  });

  test("a fraction of decimals", () => {
    expect(() => nx.round(x, { decimals: 0.5 })).toThrow(nx.ValueError);
    expect(() => nx.diff(x, { n: -1 })).toThrow(nx.ValueError);
  });
});

describe("signed zeros", () => {
  const sign = (x: nx.NdArray): unknown => nx.signbit(x).tolistSync();

  test("copysign, signbit and remainders keep them apart", () => {
    for (const dtype of ["float16", "float32", "float64"] as const) {
      const zeros = nx.array([0, -0], { dtype });
      expect(sign(zeros)).toEqual([false, true]);
      expect(sign(nx.copysign(1, zeros))).toEqual([false, true]);
      expect(sign(nx.remainder(nx.array([4, 4], { dtype }), nx.array([2, -2], { dtype })))).toEqual([false, true]);
      expect(sign(nx.floorDivide(zeros, 3))).toEqual([false, true]);
    }
  });
});

test("a name is one function: aliases", () => {
  expect(nx.abs).toBe(nx.absolute);
  expect(nx.mod).toBe(nx.remainder);
  expect(nx.trueDivide).toBe(nx.divide);
  expect(nx.amax).toBe(nx.max);
  expect(nx.around).toBe(nx.round);
});
