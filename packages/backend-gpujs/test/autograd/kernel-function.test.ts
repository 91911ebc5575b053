import { array, random, type NdArray } from "@chain/array";
import { checkBackward, grad, Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { GPU, type IKernelFunctionThis } from "gpu.js";
import { kernelFunction } from "../../src/autograd/index.js";
import "../../src/index.js";

const dynamic = { output: [1], dynamicOutput: true, dynamicArguments: true };
/** What float32 allows: a step of 1e-2 leaves an error of the order of its square, and one of rounding. */
const single = { dtype: null, eps: 1e-2, atol: 1e-3, rtol: 1e-3 };

describe.each(["webasm", "cpu"] as const)("kernels in mode %s", (mode) => {
  const gpu = new GPU({ mode });
  const kernel = (source: string): never => gpu.createKernel(source as never, dynamic) as never;

  /** x³ of vectors. */
  const cube = kernelFunction(
    kernel("function cube(x) { const v = x[this.thread.x]; return v * v * v; }"),
    kernel("function grad(x, gy) { const v = x[this.thread.x]; return 3 * v * v * gy[this.thread.x]; }"),
    { name: "cube" },
  );
  /** a · x + b for matrices a, x and a number b. */
  const affine = kernelFunction(
    kernel("function f(a, x, b) { return a[this.thread.y][this.thread.x] * x[this.thread.y][this.thread.x] + b; }"),
    [
      kernel("function ga(a, x, b, gy) { return x[this.thread.y][this.thread.x] * gy[this.thread.y][this.thread.x]; }"),
      kernel("function gx(a, x, b, gy) { return a[this.thread.y][this.thread.x] * gy[this.thread.y][this.thread.x]; }"),
      null,
    ],
  );
  /** Sums of rows: the result has another shape. */
  const rowSums = kernelFunction(
    kernel("function s(x) { let t = 0; for (let i = 0; i < 3; i++) { t += x[this.thread.x][i]; } return t; }"),
    kernel("function gs(x, gy) { return gy[this.thread.y]; }"),
    { outputShape: (shape) => shape.slice(0, 1) },
  );

  test("written as functions", async () => {
    const double = kernelFunction(
      gpu.createKernel(function (this: IKernelFunctionThis, x: number[]) {
        return 2 * (x[this.thread.x] as number);
      }, dynamic),
      gpu.createKernel(function (this: IKernelFunctionThis, _x: number[], gy: number[]) {
        return 2 * (gy[this.thread.x] as number);
      }, dynamic),
    );
    const x = new Variable(array([1, 2]));
    expect(await double(x).array.tolist()).toEqual([2, 4]);
  });

  test("compute what they say, on any size", async () => {
    for (const values of [[2], [1, -2, 3], Array.from({ length: 100 }, (_, i) => i / 8)]) {
      expect(await cube(array(values)).array.tolist()).toEqual(
        values.map((v) => Math.fround(Math.fround(Math.fround(v) * Math.fround(v)) * Math.fround(v))),
      );
    }
    const m = array([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(await affine(m, m, array(10)).array.tolist()).toEqual([
      [11, 14, 19],
      [26, 35, 46],
    ]);
    expect(await rowSums(m.T.T).array.tolist()).toEqual([6, 15]);
    const flipped: NdArray = m.get([1, 0]);
    expect(await rowSums(flipped).array.tolist()).toEqual([15, 6]);
  });

  test("gradients agree with numerical ones, through other functions too", async () => {
    random.seed(1);
    const x = random.uniform(-1, 1, [7]);
    await checkBackward((v) => F.sin(cube(F.mul(v, 2))), x, null, single);
    const [a, b] = [random.uniform(-1, 1, [2, 3]), random.uniform(-1, 1, [2, 3])];
    await checkBackward((u, v) => affine(u, v, array(0.5)), [a, b], null, single);
    await checkBackward((v) => rowSums(F.mul(v, v)), a, random.uniform(-1, 1, [2]), single);
  });

  test("an input without a gradient kernel gets none", () => {
    const [a, x, b] = [array([[2]]), array([[3]]), array(1)].map((each) => new Variable(each)) as [
      Variable,
      Variable,
      Variable,
    ];
    const found = grad([affine(a, x, b)], [a, x, b]);
    expect(found.map((each) => each?.array.dataSync()[0] ?? null)).toEqual([3, 2, null]);
  });

  test("gradients of gradients are refused", () => {
    const x = new Variable(array([1, 2]));
    const [gx] = grad([F.sum(cube(x))], [x], { enableDoubleBackprop: true });
    expect(() => grad([F.sum(gx as Variable)], [x])).toThrow(/cube \(gradient\): a kernel of gpu.js has no gradient/);
  });

  test("what does not fit is said", () => {
    expect(() => cube(array([1], { dtype: "float64" }))).toThrow(/cube \(forward\): expected dtypes that gpu.js has/);
    expect(() => cube(array([[[[1]]]]))).toThrow(/expected arrays of up to 3 axes, got 4/);
    expect(() => cube(array([1]), array([2]))).toThrow(/an input for each of 1 gradients, got 2/);
    expect(() => cube(array([1], { dtype: "int32" }))).toThrow(/at least one array of floats/);
    const fixed = gpu.createKernel("function f(x) { return x[this.thread.x]; }" as never, { output: [4] }) as never;
    expect(() => kernelFunction(fixed, fixed)(array([1, 2]))).toThrow(
      /the kernel's output is \[4\], expected \[2\]; create it with dynamicOutput: true/,
    );
  });

  test("arrays stay on their device", () => {
    const y = cube(array([1, 2], { device: "gpujs" }));
    expect([y.array.device, ...y.array.dataSync()]).toEqual(["gpujs", 1, 8]);
  });
});
