import type { DType } from "../dtype.js";
import { InvalidType, ValueError } from "../errors.js";
import { elementwise } from "../kernel/elementwise.js";
import type { Expr } from "../kernel/expr.js";
import { backendOf } from "../kernel/launch.js";
import { broadcastStrides } from "../kernel/layout.js";
import * as k from "../kernel/ops.js";
import { reduction } from "../kernel/reduction.js";
import { astype } from "../manipulation/astype.js";
import { ascontiguousarray, copyto } from "../manipulation/copy.js";
import { NdArray } from "../ndarray.js";
import type { Activation, MatmulEpilogue } from "../routines.js";
import { broadcastShapes, formatShape, sameShape, type Shape } from "../shape.js";
import { borrow, type View } from "../views.js";

/** What {@link matmulInto} does besides multiplying. */
export interface MatmulOptions {
  /** Added to every row: an array of length N of the operands' dtype. */
  readonly bias?: NdArray | null;
  /** Applied after the bias; "none" by default. */
  readonly activation?: Activation;
  /** Adds the product to what `out` holds instead of replacing it; the activation applies to the sum. */
  readonly accumulate?: boolean;
  /** Where the result goes, of the operands' dtype; a new array by default. */
  readonly out?: NdArray;
}

/**
 * The matrix product `a[…, M, K] · b[…, K, N]` of arrays of one dtype with at least two axes, and what a linear layer
 * does with it: `activation(out? + a · b + bias)`. Batch axes broadcast; `a` and `b` may be views of any layout.
 *
 * Floating products accumulate in float32 or better; integers wrap around; bools give "any of both".
 *
 * @throws ValueError if shapes do not fit.
 */
export function matmulInto(a: NdArray, b: NdArray, options: MatmulOptions = {}): NdArray {
  const { bias = null, activation = "none", accumulate = false, out } = options;
  const arrays = [a, b];
  if (bias !== null) arrays.push(bias);
  if (out !== undefined) arrays.push(out);
  for (const { dtype } of arrays) {
    if (dtype !== a.dtype) throw InvalidType.of("matmul", `arrays of one dtype, ${a.dtype}`, dtype);
  }
  const backend = backendOf("matmul", arrays);
  const shape = productShape(a, b);
  if (bias !== null && (bias.ndim !== 1 || bias.shape[0] !== shape.at(-1))) {
    throw new ValueError(`matmul: bias has shape ${formatShape(bias.shape)}, expected (${shape.at(-1)},)`);
  }
  if (out !== undefined && !sameShape(out.shape, shape)) {
    throw new ValueError(`matmul: out has shape ${formatShape(out.shape)}, expected ${formatShape(shape)}`);
  }
  if (accumulate && out === undefined) throw new ValueError("matmul: accumulate needs out, the array to add to");
  const epilogue: MatmulEpilogue = { bias, activation, accumulate };
  const result = out ?? NdArray.allocate(backend, a.dtype, shape);
  if (result.size === 0) return result;
  const done =
    hasRoutine(a) &&
    (routine(a, b, result, epilogue) || (a.dtype === "float16" && throughFloat32(a, b, result, epilogue)));
  if (!done) composedMatmul(a, b, result, epilogue);
  return result;
}

/** Shape of `a · b`; both have at least two axes. */
function productShape(a: NdArray, b: NdArray): Shape {
  const [m, inner] = [a.shape.at(-2), a.shape.at(-1)] as [number, number];
  const [rows, n] = [b.shape.at(-2), b.shape.at(-1)] as [number, number];
  if (inner !== rows) {
    throw new ValueError(
      `matmul: shapes ${formatShape(a.shape)} and ${formatShape(b.shape)} do not fit: ${inner} columns, ${rows} rows`,
    );
  }
  if (a.ndim === 2 && b.ndim === 2) return [m, n];
  return [...broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)), m, n];
}

export const routineTypes: readonly DType[] = ["float16", "float32", "float64"];

function hasRoutine(a: NdArray): boolean {
  return a.storage.backend.routines.matmul !== undefined && routineTypes.includes(a.dtype) && a.shape.at(-1) !== 0;
}

/** The backend's own, which wants a contiguous result on memory that no operand uses, and may decline. */
function routine(a: NdArray, b: NdArray, out: NdArray, epilogue: MatmulEpilogue): boolean {
  const { backend } = a.storage;
  const bias = epilogue.bias === null ? null : ascontiguousarray(epilogue.bias);
  const direct = out.contiguous && out.storage !== a.storage && out.storage !== b.storage;
  const target = direct ? out : NdArray.allocate(backend, out.dtype, out.shape);
  if (!direct && epilogue.accumulate) copyto(target, out);
  const [left, right] = [broadcastBatch(a, out.shape), broadcastBatch(b, out.shape)];
  const done = backend.routines.matmul?.(left, right, target, { ...epilogue, bias }) ?? false;
  if (!direct) {
    if (done) copyto(out, target);
    target.dispose();
  }
  if (bias !== null && bias !== epilogue.bias) bias.dispose();
  return done;
}

/** `x[…, R, C]` with the batch axes of `shape`, without copies. */
function broadcastBatch(x: NdArray, shape: Shape): NdArray {
  if (x.ndim === 2 && shape.length === 2) return x;
  const target = [...shape.slice(0, -2), ...x.shape.slice(-2)];
  if (sameShape(target, x.shape)) return x;
  return borrow(x, { shape: target, strides: broadcastStrides(x, target), offset: x.offset });
}

function throughFloat32(a: NdArray, b: NdArray, out: NdArray, epilogue: MatmulEpilogue): boolean {
  const wide = [a, b, out, ...(epilogue.bias === null ? [] : [epilogue.bias])].map((x) => astype(x, "float32"));
  const [wideA, wideB, wideOut, bias = null] = wide as [NdArray, NdArray, NdArray, NdArray?];
  const done = routine(wideA, wideB, wideOut, { ...epilogue, bias });
  if (done) copyto(out, wideOut);
  for (const x of wide) x.dispose();
  return done;
}

const productKernel = reduction("matmul", { map: (x: Expr, y: Expr) => k.mul(x, y), combine: k.add, identity: 0 });
const addKernel = elementwise("matmul_add", (x, y) => k.add(x, y));
const reluKernel = elementwise("matmul_relu", (x) => k.where(k.lt(x, 0), 0, x));

/** Sums of products over broadcast views: for backends without a routine and for dtypes that it has not. */
export function composedMatmul(
  a: NdArray,
  b: NdArray,
  out: NdArray,
  { bias, activation, accumulate }: MatmulEpilogue,
): void {
  const shape = [...out.shape, a.shape.at(-1) as number];
  const rows = borrow(a, { ...stretched(a, shape, [a.ndim - 2, null, a.ndim - 1]) });
  const columns = borrow(b, { ...stretched(b, shape, [null, b.ndim - 1, b.ndim - 2]) });
  const direct = !accumulate && out.storage !== a.storage && out.storage !== b.storage;
  if (direct) {
    productKernel.into(out, rows, columns, { axis: -1 });
  } else {
    const product = productKernel(rows, columns, { axis: -1 });
    if (accumulate) addKernel.into(out, out, product);
    else copyto(out, product);
    product.dispose();
  }
  if (bias !== null) addKernel.into(out, out, bias);
  if (activation === "relu") reluKernel.into(out, out);
}

/** `x` seen with shape `[…batch, M, N, K]`; `axes` tells which of its axes the last three are, null for a new one. */
function stretched(x: NdArray, shape: Shape, axes: readonly (number | null)[]): View {
  const batch = shape.length - 3;
  const lead = batch - (x.ndim - 2);
  const strides = shape.map((_, i) => {
    const axis = i < batch ? i - lead : (axes[i - batch] as number | null);
    return axis === null || axis < 0 || x.shape[axis] === 1 ? 0 : (x.strides[axis] as number);
  });
  return { shape, strides, offset: x.offset };
}
