import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as nx from "../../src/index.js";
import { readableDevices } from "../devices.js";

describe.each(readableDevices)("creation on %s", (device) => {
  beforeAll(() => nx.setDefaultDevice(device));
  afterAll(() => nx.setDefaultDevice("cpu"));

  test("dtypes by default", () => {
    expect(nx.zeros(2).dtype).toBe("float32");
    expect(nx.full(2, 7).dtype).toBe("float32");
    expect(nx.full(2, true).dtype).toBe("bool");
    expect(nx.full(2, nx.arange(2)).dtype).toBe("int32");
    expect(nx.array([1, 2]).dtype).toBe("float32");
    expect(nx.array([true, false]).dtype).toBe("bool");
    expect(nx.array(new Float64Array(2)).dtype).toBe("float64");
    expect(nx.array(BigInt64Array.from([1n, -2n])).dtype).toBe("int32");
    expect(nx.array([nx.arange(2), nx.arange(2)]).dtype).toBe("int32");
    expect(nx.arange(3).dtype).toBe("int32");
    expect(nx.arange(0, 1, 0.5).dtype).toBe("float32");
    expect(nx.arange(3, { dtype: "float16" }).dtype).toBe("float16");
    expect(nx.linspace(0, 1, 3).dtype).toBe("float32");
    expect(nx.eye(2).dtype).toBe("float32");
    expect(nx.tri(2, { dtype: "bool" }).dtype).toBe("bool");
    expect(nx.zerosLike(nx.arange(2), { dtype: "uint8", shape: 3 })).toMatchObject({ dtype: "uint8", shape: [3] });
  });

  test.each(["float16", "float32", "float64", "int32", "uint32", "uint8", "bool"] as const)("full of %s", (dtype) => {
    const host = { float16: 0.0999755859375, float32: Math.fround(0.1), float64: 0.1 };
    const expected = dtype === "bool" ? true : ((host as Record<string, number>)[dtype] ?? 0);
    expect(nx.full([2, 2], 0.1, { dtype }).tolistSync()).toEqual([
      [expected, expected],
      [expected, expected],
    ]);
  });

  test("integers keep every bit", () => {
    expect(nx.full(1, 2 ** 31 - 1, { dtype: "int32" }).tolistSync()).toEqual([2 ** 31 - 1]);
    expect(nx.full(1, 2 ** 32 - 1, { dtype: "uint32" }).tolistSync()).toEqual([2 ** 32 - 1]);
    expect(nx.full(1, -1, { dtype: "uint8" }).tolistSync()).toEqual([255]);
    expect(nx.full(1, NaN, { dtype: "int32" }).tolistSync()).toEqual([0]);
    expect(nx.full(1, NaN, { dtype: "bool" }).tolistSync()).toEqual([true]);
    expect(nx.full(1, NaN).tolistSync()).toEqual([NaN]);
  });

  test("full broadcasts arrays and lists", () => {
    expect(nx.full([2, 2], [1, 2]).tolistSync()).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(() => nx.full([2, 2], [1, 2, 3])).toThrow(nx.ValueError);
  });

  test("arrays of arrays, lists and typed arrays", () => {
    expect(nx.array([nx.ones(2), [3, 4], Float32Array.of(5, 6)]).tolistSync()).toEqual([
      [1, 1],
      [3, 4],
      [5, 6],
    ]);
    expect(nx.array([[nx.ones(1)], [[2]]]).shape).toEqual([2, 1, 1]);
    expect(nx.array(3).shape).toEqual([]);
    expect(nx.array([]).shape).toEqual([0]);
    expect(nx.array([[], []]).shape).toEqual([2, 0]);
    expect(() => nx.array([nx.ones(2), nx.ones(3)])).toThrow(nx.ValueError);
    expect(() => nx.array(BigInt64Array.from([2n ** 40n]))).toThrow(nx.ValueError);
  });

  test("eye, identity and tri have ones where they should", () => {
    expect(nx.eye(2, 3).tolistSync()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    expect(nx.eye(2, { M: 3, k: 2 }).tolistSync()).toEqual([
      [0, 0, 1],
      [0, 0, 0],
    ]);
    expect(nx.eye(2, 3, { k: -1, dtype: "bool" }).tolistSync()).toEqual([
      [false, false, false],
      [true, false, false],
    ]);
    expect(nx.identity(0).shape).toEqual([0, 0]);
    expect(nx.tri(2, { k: 1, M: 3 }).tolistSync()).toEqual([
      [1, 1, 0],
      [1, 1, 1],
    ]);
  });

  test("fromfunction sees positions", () => {
    expect(nx.fromfunction((i, j) => 10 * i + j, [2, 3]).tolistSync()).toEqual([
      [0, 1, 2],
      [10, 11, 12],
    ]);
    expect(nx.fromfunction(() => 1, []).tolistSync()).toBe(1);
  });

  test("arrays land on the device that is asked for", () => {
    const made = [
      nx.zeros(1),
      nx.arange(2),
      nx.linspace(0, 1, 2),
      nx.eye(2),
      nx.array([1]),
      nx.fromfunction(() => 0, [1]),
    ];
    for (const x of made) expect(x.device).toBe(device);
    expect(nx.arange(2, { device: "js" }).device).toBe("js");
    expect(nx.onesLike(nx.zeros(1, { device: "js" })).device).toBe("js");
    expect(() => nx.zeros(1, { device: "nowhere" })).toThrow(nx.DeviceError);
  });
});
