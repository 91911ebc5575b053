import { array, InvalidType, ValueError, zeros, type NdArray } from "@chain/array";
import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, numbers } from "../support.js";

/** The product of two matrices given as lists of rows. */
function multiply(a: number[][], b: number[][]): number[][] {
  return a.map((row) =>
    (b[0] as number[]).map((_, j) => row.reduce((s, v, k) => s + v * ((b[k] as number[])[j] as number), 0)),
  );
}

const rows = (x: NdArray): number[][] => x.tolistSync() as number[][];

describe("matmul", () => {
  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])("transa %j, transb %j", async (transa, transb) => {
    const a = numbers(transa ? [3, 2] : [2, 3], { seed: 1 });
    const b = numbers(transb ? [4, 3] : [3, 4], { seed: 2 });
    const y = F.matmul(a, b, { transa, transb });
    const expected = multiply(rows(transa ? a.T : a), rows(transb ? b.T : b));
    expectElements(y, expected.flat());
    await checkGradients((p, q) => F.matmul(p, q, { transa, transb }), [a, b]);
  });

  test.each<[number[], number[], number[]]>([
    [[3], [3], []],
    [[2, 3], [3], [2]],
    [[3], [3, 2], [2]],
    [[3], [4, 3, 2], [4, 2]],
    [
      [4, 2, 3],
      [3, 5],
      [4, 2, 5],
    ],
    [
      [2, 1, 2, 3],
      [4, 3, 1],
      [2, 4, 2, 1],
    ],
    [
      [0, 3],
      [3, 2],
      [0, 2],
    ],
    [
      [2, 0],
      [0, 3],
      [2, 3],
    ],
  ])("%j by %j", async (left, right, shape) => {
    const [a, b] = [numbers(left, { seed: 3 }), numbers(right, { seed: 4 })];
    expect(F.matmul(a, b).shape).toEqual(shape);
    await checkGradients((p, q) => F.matmul(p, q), [a, b]);
  });

  test("refuses shapes and dtypes that do not fit", () => {
    expect(() => F.matmul(zeros([2, 3]), zeros([2, 3]))).toThrow(
      "matmul (forward): expected a.shape[-1] == b.shape[-2], got 3 != 2",
    );
    expect(() => F.matmul(zeros([2, 2, 3]), zeros([3, 3, 1]))).toThrow("batch axes that broadcast together");
    expect(() => F.matmul(zeros([]), zeros([2, 2]))).toThrow(InvalidType);
    expect(() => F.matmul(zeros([2, 2]), zeros([2, 2], { dtype: "float64" }))).toThrow("float32 != float64");
  });
});

describe("batchMatmul", () => {
  test("multiplies stacks, of columns too", async () => {
    const [a, b, c] = [numbers([2, 3, 4], { seed: 1 }), numbers([2, 4, 2], { seed: 2 }), numbers([2, 4], { seed: 3 })];
    const stack = (x: NdArray): number[][][] => x.tolistSync() as number[][][];
    const expected = stack(a).map((m, i) => multiply(m, stack(b)[i] as number[][]));
    expectElements(F.batchMatmul(a, b), expected.flat(2));
    expect(F.batchMatmul(a, c).shape).toEqual([2, 3, 1]);
    await checkGradients((p, q) => F.batchMatmul(p, q), [a, b]);
    await checkGradients(
      (p, q) => F.batchMatmul(p, q, { transa: true, transb: true }),
      [numbers([2, 3, 4]), numbers([2, 2, 3])],
    );
    await checkGradients((p, q) => F.batchMatmul(p, q), [a, c]);
  });

  test("wants as many matrices in both", () => {
    expect(() => F.batchMatmul(zeros([2, 3, 4]), zeros([3, 4, 2]))).toThrow("a.shape[0] == b.shape[0], got 2 != 3");
    expect(() => F.batchMatmul(zeros([3]), zeros([3]))).toThrow(InvalidType);
  });
});

describe("tensordot", () => {
  type Axes = NonNullable<Parameters<typeof F.tensordot>[2]>["axes"];
  test.each<[number[], number[], Axes, number[]]>([
    [[2, 3, 4], [3, 4, 5], undefined, [2, 5]],
    [[2, 3], [3, 4], 1, [2, 4]],
    [[2], [3], 0, [2, 3]],
    [
      [2, 3, 4],
      [4, 5, 2],
      [
        [0, 2],
        [2, 0],
      ],
      [3, 5],
    ],
    [
      [2, 3, 4],
      [3, 5],
      [1, 0],
      [2, 4, 5],
    ],
  ])("%j by %j, axes %j", async (left, right, axes, shape) => {
    const [a, b] = [numbers(left, { seed: 1 }), numbers(right, { seed: 2 })];
    const options = axes === undefined ? {} : { axes };
    expect(F.tensordot(a, b, options).shape).toEqual(shape);
    await checkGradients((p, q) => F.tensordot(p, q, options), [a, b]);
  });

  test("is matmul for one axis", () => {
    const [a, b] = [numbers([2, 3]), numbers([3, 4])];
    expectElements(F.tensordot(a, b, { axes: 1 }), multiply(rows(a), rows(b)).flat());
  });

  test("refuses axes that do not fit", () => {
    const [a, b] = [zeros([2, 3]), zeros([2, 3])];
    expect(() => F.tensordot(a, b, { axes: 1 })).toThrow("a.shape[1] == b.shape[0], got 3 != 2");
    expect(() => F.tensordot(a, b, { axes: 3 })).toThrow(InvalidType);
    expect(() =>
      F.tensordot(a, b, {
        axes: [
          [0, 0],
          [0, 1],
        ],
      }),
    ).toThrow("as many different axes of a as of b");
  });
});

describe("einsum", () => {
  test.each<[string, number[][], number[]]>([
    [
      "ij,jk->ik",
      [
        [2, 3],
        [3, 4],
      ],
      [2, 4],
    ],
    [
      "ij,jk",
      [
        [2, 3],
        [3, 4],
      ],
      [2, 4],
    ],
    ["ij->ji", [[2, 3]], [3, 2]],
    ["ij->", [[2, 3]], []],
    ["ii->i", [[3, 3]], [3]],
    ["ii", [[3, 3]], []],
    ["i,i->i", [[3], [3]], [3]],
    ["ij,ij,j->i", [[2, 3], [2, 3], [3]], [2]],
    [
      "ijj,jk->k",
      [
        [2, 3, 3],
        [3, 2],
      ],
      [2],
    ],
    [
      "...ij,...jk->...ik",
      [
        [2, 2, 3],
        [3, 2],
      ],
      [2, 2, 2],
    ],
    [
      "...i,i...->...",
      [
        [4, 3],
        [3, 1],
      ],
      [4],
    ],
    ["i...->...", [[2, 3, 2]], [3, 2]],
    [
      "bi,bj,ijk->bk",
      [
        [2, 3],
        [2, 2],
        [3, 2, 4],
      ],
      [2, 4],
    ],
    ["i,j->ji", [[2], [3]], [3, 2]],
    [
      "ij,kl->il",
      [
        [2, 3],
        [4, 2],
      ],
      [2, 2],
    ],
  ])("%s", async (subscripts, shapes, result) => {
    const xs = shapes.map((shape, i) => numbers(shape, { seed: i + 1 }));
    expect(F.einsum(subscripts, ...xs).shape).toEqual(result);
    await checkGradients((...vs: Variable[]) => F.einsum(subscripts, ...vs), xs);
  });

  test("values", () => {
    const [a, b] = [numbers([2, 3]), numbers([3, 4], { seed: 2 })];
    expectElements(F.einsum("ij,jk->ki", a, b), rows(array(multiply(rows(a), rows(b))).T).flat(), 1e-6);
    expectElements(
      F.einsum(
        "ii->i",
        array([
          [1, 2],
          [3, 4],
        ]),
      ),
      [1, 4],
    );
  });

  test.each<[string, number[][], string]>([
    [
      "ij,jk->ik",
      [
        [2, 3],
        [4, 2],
      ],
      "of one length",
    ],
    ["ij,jk->ik", [[2, 3]], "2 operands, got 1"],
    ["ij->ik", [[2, 3]], "which no operand has"],
    ["ij->ii", [[2, 3]], "twice"],
    ["ij->i->j", [[2, 3]], "more than one ->"],
    ["i1->i", [[2, 3]], "no list of letters"],
    ["ijk->i", [[2, 3]], "does not fit"],
    ["...i->i", [[2, 3]], "lacks the ..."],
  ])("refuses %s for %j", (subscripts, shapes, message) => {
    expect(() => F.einsum(subscripts, ...shapes.map((shape) => zeros(shape)))).toThrow(message);
  });
});

describe("inverses and determinants", () => {
  const a = array(
    [
      [3, 1, -1],
      [0.5, 2, 0.3],
      [1, -0.2, 4],
    ],
    { dtype: "float64" },
  );
  const stack = F.stack([a, F.mul(F.transpose(a), 0.5)]).array;

  test("values", () => {
    expectElements(F.matmul(F.inv(a), a), [1, 0, 0, 0, 1, 0, 0, 0, 1]);
    // 3(8 + 0.06) - (2 - 0.3) - (-0.1 - 2)
    expectElements(F.det(a), [24.18 - 1.7 + 2.1]);
    expectElements(F.batchDet(stack), [24.58, 24.58 / 8]);
    expectElements(F.batchInv(stack).get(0), elements(F.inv(a)));
  });

  test("derivatives", async () => {
    await checkGradients((x) => F.inv(x), [a], { reads: true });
    await checkGradients((x) => F.batchInv(x), [stack], { reads: true });
    await checkGradients((x) => F.det(x), [a], { reads: true });
    await checkGradients((x) => F.batchDet(x), [stack], { reads: true });
  });

  test("refuse singular and other matrices", () => {
    expect(() =>
      F.inv(
        array([
          [1, 2],
          [2, 4],
        ]),
      ),
    ).toThrow(ValueError);
    expect(() => F.inv(zeros([2, 3]))).toThrow("inv (forward): expected a.shape[-2] == a.shape[-1], got 2 != 3");
    expect(() => F.inv(zeros([2, 2, 2]))).toThrow("a.ndim == 2");
    expect(() => F.batchDet(zeros([2, 2]))).toThrow(InvalidType);
  });
});

describe("cholesky", () => {
  // Symmetric by construction, so that a small change keeps it so.
  const symmetric = (x: Variable): Variable =>
    F.add(
      F.matmul(x, x, { transb: true }),
      array(
        [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ],
        { dtype: x.dtype },
      ),
    );
  const x = numbers([3, 3], { seed: 7 });

  test("value", () => {
    const l = F.cholesky(symmetric(x as unknown as Variable));
    expectElements(F.matmul(l, l, { transb: true }), elements(symmetric(x as unknown as Variable)));
    expect(l.array.tolistSync()).toEqual([
      [expect.any(Number), 0, 0],
      [expect.any(Number), expect.any(Number), 0],
      expect.any(Array),
    ]);
  });

  test("derivatives", async () => {
    await checkGradients((v) => F.cholesky(symmetric(v)), [x], { reads: true });
  });

  test("refuses matrices that are not positive definite", () => {
    expect(() =>
      F.cholesky(
        array([
          [1, 2],
          [2, 1],
        ]),
      ),
    ).toThrow(ValueError);
  });
});

describe("fft", () => {
  test.each([1, 2, 3, 4, 6, 12, 7, 30])("of length %i is the sum that defines it", (n) => {
    const [re, im] = [numbers([2, n], { seed: 1 }), numbers([2, n], { seed: 2 })];
    const [a, b] = [elements(re), elements(im)];
    const expected: [number[], number[]] = [[], []];
    for (let row = 0; row < 2; row++) {
      for (let k = 0; k < n; k++) {
        let [real, imaginary] = [0, 0];
        for (let t = 0; t < n; t++) {
          const angle = (-2 * Math.PI * k * t) / n;
          const [p, q] = [a[row * n + t] as number, b[row * n + t] as number];
          real += p * Math.cos(angle) - q * Math.sin(angle);
          imaginary += p * Math.sin(angle) + q * Math.cos(angle);
        }
        expected[0].push(real);
        expected[1].push(imaginary);
      }
    }
    const [real, imaginary] = F.fft([re, im]);
    expectElements(real, expected[0]);
    expectElements(imaginary, expected[1]);
    const [back] = F.ifft([real, imaginary]);
    expectElements(back, a);
  });

  test("derivatives", async () => {
    await checkGradients((a, b) => F.fft([a, b]), [numbers([2, 6], { seed: 1 }), numbers([2, 6], { seed: 2 })]);
    await checkGradients((a, b) => F.ifft([a, b]), [numbers([4], { seed: 1 }), numbers([4], { seed: 2 })]);
  });

  test("refuses parts that differ", () => {
    expect(() => F.fft([zeros([2]), zeros([3])])).toThrow("real.shape == imag.shape, got (2,) != (3,)");
  });
});

describe("scale and bias", () => {
  test.each<[number[], number[], number | undefined]>([
    [[2, 3, 4], [3], undefined],
    [[2, 3, 4], [3, 4], 1],
    [[2, 3, 4], [2, 3], 0],
    [[2, 3, 4], [4], -1],
    [[2, 3], [], 1],
  ])("%j and %j at axis %j", async (left, right, axis) => {
    const [x, y] = [numbers(left, { seed: 1 }), numbers(right, { seed: 2 })];
    const options = axis === undefined ? {} : { axis };
    expect(F.scale(x, y, options).shape).toEqual(left);
    await checkGradients((a, b) => F.scale(a, b, options), [x, y]);
    await checkGradients((a, b) => F.bias(a, b, options), [x, y]);
  });

  test("values", () => {
    const x = array([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(elements(F.scale(x, array([1, 10, 100])))).toEqual([1, 20, 300, 4, 50, 600]);
    expect(elements(F.bias(x, array([10, 20]), { axis: 0 }))).toEqual([11, 12, 13, 24, 25, 26]);
  });

  test("refuse shapes that are not those of the axes", () => {
    expect(() => F.scale(zeros([2, 3]), zeros([2]))).toThrow(
      "scale (forward): expected y.shape == x.shape[1:2], got (2,) != (3,)",
    );
    expect(() => F.bias(zeros([2, 3]), zeros([3]), { axis: 2 })).toThrow(InvalidType);
  });
});

test("identity gives its arguments, as outputs of one function", async () => {
  const [x, y] = [numbers([2]), numbers([3], { seed: 2 })];
  await checkGradients((a) => F.identity(a), [x]);
  await checkGradients((a, b) => F.identity(a, b), [x, y]);
});

describe("sumTo and broadcastTo", () => {
  test.each<[number[], number[]]>([
    [[2, 3], [3]],
    [
      [2, 3],
      [1, 3],
    ],
    [
      [2, 3],
      [2, 1],
    ],
    [[2, 3], []],
    [
      [2, 3],
      [2, 3],
    ],
    [
      [2, 0],
      [1, 1],
    ],
  ])("%j and %j", async (large, small) => {
    expect(F.sumTo(numbers(large), small).shape).toEqual(small);
    await checkGradients((x) => F.sumTo(x, small), [numbers(large)]);
    await checkGradients((x) => F.broadcastTo(x, large), [numbers(small)]);
  });

  test("refuse shapes that do not broadcast", () => {
    expect(() => F.sumTo(zeros([2, 3]), [2])).toThrow(
      "sumTo (forward): expected a shape that broadcasts to (2, 3), got (2,)",
    );
    expect(() => F.broadcastTo(zeros([2]), [2, 3])).toThrow(InvalidType);
  });
});
