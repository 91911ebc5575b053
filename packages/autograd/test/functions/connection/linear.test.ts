import { array, InvalidType, ValueError, zeros, type NdArray } from "@chain/array";
import { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, inLayouts, integers, numbers } from "../support.js";

/** `x Wᵀ + b`, term by term. */
function reference(x: NdArray, W: NdArray, b: NdArray | null): number[] {
  const [out, size] = W.shape as readonly [number, number];
  const [xs, ws, bs] = [elements(x), elements(W), b === null ? null : elements(b)];
  return Array.from({ length: (xs.length / Math.max(size, 1)) * out }, (_, at) => {
    const [row, column] = [Math.floor(at / out), at % out];
    let sum = bs === null ? 0 : (bs[column] as number);
    for (let k = 0; k < size; k++) sum += (xs[row * size + k] as number) * (ws[column * size + k] as number);
    return sum;
  });
}

describe("linear", () => {
  test.each([
    [3, 4, 2],
    [1, 1, 1],
    [0, 4, 2],
    [5, 17, 9],
    [33, 65, 7],
  ])("of %d rows, from %d to %d", (rows, size, out) => {
    const [x, W, b] = [numbers([rows, size]), numbers([out, size], { seed: 2 }), numbers([out], { seed: 3 })];
    const expected = reference(x, W, b);
    for (const [, [p, q, r]] of inLayouts([x, W, b])) {
      expectElements(F.linear(p as NdArray, q as NdArray, r as NdArray), expected, 1e-10);
    }
    expectElements(F.linear(x, W), reference(x, W, null), 1e-10);
    const y = F.linear(x.astype("float32"), W.astype("float32"), b.astype("float32"));
    expect([y.shape, y.dtype]).toEqual([[rows, out], "float32"]);
    expectElements(y, expected, 2e-5);
  });

  test("flattens what comes after the batch axes", () => {
    const x = numbers([2, 3, 4]);
    const W = numbers([5, 12]);
    expectElements(F.linear(x, W), reference(x, W, null), 1e-10);
    const [V, b] = [numbers([5, 4]), numbers([5])];
    const y = F.linear(x, V, b, { nBatchAxes: 2 });
    expect(y.shape).toEqual([2, 3, 5]);
    expectElements(y, reference(x, V, b), 1e-10);
    expectElements(F.linear(x, V, { nBatchAxes: 2 }), reference(x, V, null), 1e-10);
    expect(F.linear(zeros([0, 3, 4]), zeros([5, 4]), { nBatchAxes: 2 }).shape).toEqual([0, 3, 5]);
  });

  test("has the right derivatives", async () => {
    const [x, W, b] = [numbers([3, 4]), numbers([2, 4], { seed: 2 }), numbers([2], { seed: 3 })];
    await checkGradients((p, q, r) => F.linear(p, q, r), [x, W, b]);
    await checkGradients((p, q) => F.linear(p, q), [x, W]);
    await checkGradients((p, q) => F.linear(p, q.array), [x], { fixed: [W] });
    await checkGradients((q, p) => F.linear(p.array, q), [W], { fixed: [x] });
    await checkGradients((r, p, q) => F.linear(p.array, q.array, r), [b], { fixed: [x, W] });
    await checkGradients((p, q) => F.linear(p, q, { nBatchAxes: 2 }), [numbers([2, 3, 4]), W]);
  });

  test("keeps only what the wanted gradients need", () => {
    const [x, W] = [new Variable(numbers([3, 4])), new Variable(numbers([2, 4]))];
    const retained = (y: Variable): boolean[] => (y.creator?.retainedInputArrays() ?? []).map((kept) => kept !== null);
    expect(retained(F.linear(x, W))).toEqual([true, true]);
    expect(retained(F.linear(x, W.array))).toEqual([false, true]);
    expect(retained(F.linear(x.array, W))).toEqual([true, false]);
    expect(retained(F.linear(x.array, W.array, new Variable(numbers([2]))))).toEqual([false, false, false]);
  });

  test("refuses what does not fit", () => {
    const [x, W] = [numbers([2, 3]), numbers([2, 4])];
    expect(() => F.linear(x, W)).toThrow("linear (forward): expected x.shape[1] == W.shape[1], got 3 != 4");
    expect(() => F.linear(x, numbers([2, 3]), numbers([3]))).toThrow(
      "linear (forward): expected b.shape[0] == W.shape[0], got 3 != 2",
    );
    expect(() => F.linear(x, numbers([2, 3]).astype("float32"))).toThrow(InvalidType);
    expect(() => F.linear(x, numbers([3]))).toThrow(InvalidType);
    expect(() => F.linear(numbers([3]), numbers([2, 3]))).toThrow(InvalidType);
    expect(() => F.linear(array([[1]], { dtype: "int32" }), array([[1]], { dtype: "int32" }))).toThrow(InvalidType);
    expect(() => F.linear(x, W, { nBatchAxes: 0 })).toThrow(ValueError);
  });
});

describe("bilinear", () => {
  const [e1, e2] = [numbers([2, 3]), numbers([2, 4], { seed: 2 })];
  const W = numbers([3, 4, 2], { seed: 3 });
  const [V1, V2, b] = [numbers([3, 2], { seed: 4 }), numbers([4, 2], { seed: 5 }), numbers([2], { seed: 6 })];

  test("is the sum of its terms", () => {
    const [p, q, w] = [elements(e1), elements(e2), elements(W)];
    const [v1, v2, c] = [elements(V1), elements(V2), elements(b)];
    const expected: number[] = [];
    const withLinear: number[] = [];
    for (let i = 0; i < 2; i++) {
      for (let l = 0; l < 2; l++) {
        let sum = 0;
        for (let j = 0; j < 3; j++) {
          for (let k = 0; k < 4; k++) {
            sum += (p[i * 3 + j] as number) * (q[i * 4 + k] as number) * (w[(j * 4 + k) * 2 + l] as number);
          }
        }
        expected.push(sum);
        for (let j = 0; j < 3; j++) sum += (p[i * 3 + j] as number) * (v1[j * 2 + l] as number);
        for (let k = 0; k < 4; k++) sum += (q[i * 4 + k] as number) * (v2[k * 2 + l] as number);
        withLinear.push(sum + (c[l] as number));
      }
    }
    expectElements(F.bilinear(e1, e2, W), expected);
    expectElements(F.bilinear(e1, e2, W, V1, V2, b), withLinear);
    expectElements(F.bilinear(e1.reshape(2, 3, 1), e2.reshape(2, 2, 2), W), expected);
  });

  test("has the right derivatives", async () => {
    await checkGradients((p, q, w) => F.bilinear(p, q, w), [e1, e2, W]);
    await checkGradients((p, q, w, r, s, t) => F.bilinear(p, q, w, r, s, t), [e1, e2, W, V1, V2, b]);
  });

  test("refuses what does not fit", () => {
    expect(() => F.bilinear(e1, e2, numbers([3, 5, 2]))).toThrow(
      "bilinear (forward): expected elements of e2[0] == W.shape[1], got 4 != 5",
    );
    expect(() => F.bilinear(e1, numbers([3, 4]), W)).toThrow(InvalidType);
    expect(() => F.bilinear(e1, e2, W, V1)).toThrow(ValueError);
    expect(() => F.bilinear(e1, e2, W, V2, V2, b)).toThrow(InvalidType);
  });
});

describe("embedId", () => {
  const W = numbers([3, 2]);
  const w = elements(W);
  const rowsOf = (...ids: number[]): number[] => ids.flatMap((id) => (id < 0 ? [0, 0] : w.slice(2 * id, 2 * id + 2)));

  test("picks rows, of any shape of ids", () => {
    expectElements(F.embedId(integers([2, 0, 2]), W), rowsOf(2, 0, 2));
    expect(F.embedId(integers([0, 1, 2, 0], [2, 2]), W).shape).toEqual([2, 2, 2]);
    expectElements(F.embedId(array([1], { dtype: "uint8" }), W), rowsOf(1));
    expect(F.embedId(integers([]), W).shape).toEqual([0, 2]);
  });

  test("gives zeros, and no gradient, for the ignored id", async () => {
    const ids = integers([1, -1, 1, 0]);
    expectElements(F.embedId(ids, W, { ignoreLabel: -1 }), rowsOf(1, -1, 1, 0));
    await checkGradients((v, i) => F.embedId(i, v, { ignoreLabel: -1 }), [W], { fixed: [ids] });
    await checkGradients((v) => F.embedId(integers([1, 2]), v, { ignoreLabel: 2 }), [W]);
  });

  test("an id of uint8 is not mistaken for -1", () => {
    const table = numbers([256, 2]);
    const y = F.embedId(array([255], { dtype: "uint8" }), table, { ignoreLabel: -1 });
    expectElements(y, elements(table).slice(-2));
  });

  test("adds up gradients of repeated ids", async () => {
    const table = new Variable(W);
    F.sum(F.embedId(integers([2, 0, 2]), table)).backward();
    expectElements(table.grad as NdArray, [1, 1, 0, 0, 2, 2]);
    await checkGradients((v) => F.embedId(integers([2, 0, 2]), v), [W]);
  });

  test("refuses ids that are not integers or out of range", () => {
    expect(() => F.embedId(numbers([2]), W)).toThrow("embedId (forward): expected x of an integer dtype, got float64");
    expect(() => F.embedId(integers([3]), W)).toThrow("out of bounds");
    expect(() => F.embedId(integers([0]), numbers([3]))).toThrow(InvalidType);
  });
});

describe("shift", () => {
  test("moves every group of channels its own way, and not the last", async () => {
    const plane = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    const x = array([Array.from({ length: 9 }, () => [plane.slice(0, 3), plane.slice(3, 6), plane.slice(6)])], {
      dtype: "float64",
    });
    const [channels] = (await F.shift(x).tolist()) as number[][][][];
    expect(channels?.[0]).toEqual([
      [5, 6, 0],
      [8, 9, 0],
      [0, 0, 0],
    ]);
    expect(channels?.[4]).toEqual([
      [0, 0, 0],
      [0, 1, 2],
      [0, 4, 5],
    ]);
    expect(channels?.[8]?.flat()).toEqual(plane);
  });

  test("has the right derivatives", async () => {
    await checkGradients((x) => F.shift(x), [numbers([1, 10, 3, 3])]);
    await checkGradients((x) => F.shift(x, { ksize: [1, 3], dilate: 2 }), [numbers([2, 3, 2, 5])]);
  });

  test("refuses even sizes", () => {
    expect(() => F.shift(numbers([1, 4, 3, 3]), { ksize: 2 })).toThrow(ValueError);
    expect(() => F.shift(numbers([4, 3, 3]))).toThrow(InvalidType);
  });
});
