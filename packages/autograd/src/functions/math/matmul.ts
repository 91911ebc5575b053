import { matmul as matmulArrays, swapaxes as swapArrayAxes, type NdArray } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import type { GradientSum } from "../../gradient-sum.js";
import { formatShape } from "../../shape.js";
import {
  expectEqual,
  expectFloating,
  expectMinNdim,
  expectNdim,
  expectSameDtype,
  invalidType,
} from "../../type-check.js";
import { asVariable, type Variable, type VariableLike } from "../../variable.js";
import { reshape } from "../array/reshape.js";
import { sumTo } from "../array/broadcast-to.js";

/** Which operands are taken transposed (their last two axes exchanged). */
export interface MatmulOptions {
  readonly transa?: boolean;
  readonly transb?: boolean;
}

function oriented(x: NdArray, transposed: boolean): NdArray {
  return transposed ? swapArrayAxes(x, -1, -2) : x;
}

/** `op(a) · op(b)` of arrays with at least two axes, whose batch axes broadcast. */
export class MatMul extends FunctionNode {
  constructor(
    readonly transa: boolean,
    readonly transb: boolean,
  ) {
    super();
  }

  override get label(): string {
    return "matmul";
  }

  override checkTypeForward([a, b]: readonly [NdArray, NdArray]): void {
    expectFloating(this.label, "a", a);
    expectSameDtype(this.label, "a", a, "b", b);
    expectMinNdim(this.label, "a", a, 2);
    expectMinNdim(this.label, "b", b, 2);
    const [columns, rows] = [this.transa ? -2 : -1, this.transb ? -1 : -2];
    const inner = [a.shape.at(columns) ?? 1, b.shape.at(rows) ?? 1] as const;
    expectEqual(this.label, `a.shape[${columns}]`, inner[0], `b.shape[${rows}]`, inner[1]);
    for (let back = 3; back <= Math.min(a.ndim, b.ndim); back++) {
      const [p, q] = [a.shape.at(-back) ?? 1, b.shape.at(-back) ?? 1];
      if (p !== q && p !== 1 && q !== 1) {
        throw invalidType(
          this.label,
          "batch axes that broadcast together",
          `${formatShape(a.shape)} and ${formatShape(b.shape)}`,
        );
      }
    }
  }

  override forward([a, b]: readonly [NdArray, NdArray]): NdArray[] {
    if (this.wantsGradient(0)) this.retainInputs(this.wantsGradient(1) ? both : second);
    else if (this.wantsGradient(1)) this.retainInputs(first);
    return [matmulArrays(oriented(a, this.transa), oriented(b, this.transb))];
  }

  override backward(indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const { transa, transb } = this;
    const retained = this.getRetainedInputs();
    const wantsBoth = retained.length === 2;
    return indexes.map((index) => {
      const other = (wantsBoth ? retained[1 - index] : retained[0]) as Variable;
      const own = this.inputShape(index);
      // ∂/∂a: op(a)' = gy · op(b)ᵀ; transposed when `a` was.
      if (index === 0)
        return sumTo(transa ? product(other, gy, transb, true) : product(gy, other, false, !transb), own);
      return sumTo(transb ? product(gy, other, true, transa) : product(other, gy, !transa, false), own);
    });
  }

  override addGradient(index: number, [gy]: readonly [Variable], sum: GradientSum): boolean {
    if (index !== 1 || this.transa || gy.ndim !== 2 || this.inputShape(0).length !== 2) return false;
    const a = this.retainedInput(0);
    if (this.transb) sum.addProduct(gy.array, a);
    else sum.addProduct(a, gy.array);
    return true;
  }
}

const both = [0, 1];
const first = [0];
const second = [1];

function product(a: VariableLike, b: VariableLike, transa: boolean, transb: boolean): Variable {
  return new MatMul(transa, transb).apply([a, b])[0] as Variable;
}

/**
 * Matrix product (Chainer's `matmul`, NumPy's `@`): the last two axes are matrices, the others broadcast. A 1-d operand
 * is a row on the left and a column on the right, and that axis is gone from the result; transposing it changes nothing.
 *
 * @throws InvalidType if shapes do not fit or dtypes differ.
 */
export function matmul(a: VariableLike, b: VariableLike, options: MatmulOptions = {}): Variable {
  const { transa = false, transb = false } = options;
  if (a.ndim !== 1 && b.ndim !== 1) return product(a, b, transa, transb);
  const left = a.ndim === 1 ? reshape(a, [1, a.size]) : a;
  const right = b.ndim === 1 ? reshape(b, [b.size, 1]) : b;
  const result = product(left, right, a.ndim === 1 ? false : transa, b.ndim === 1 ? false : transb);
  const shape = result.shape.slice(0, -2);
  if (a.ndim !== 1) shape.push(result.shape.at(-2) as number);
  if (b.ndim !== 1) shape.push(result.shape.at(-1) as number);
  return reshape(result, shape);
}

/**
 * Product of the matrices in two stacks of them (Chainer's `batch_matmul`). A 2-d operand is a stack of columns, `(N, K)`
 * as `(N, K, 1)`.
 *
 * @throws InvalidType if shapes do not fit or dtypes differ.
 */
export function batchMatmul(a: VariableLike, b: VariableLike, options: MatmulOptions = {}): Variable {
  const left = asStack(a, "a");
  const right = asStack(b, "b");
  expectEqual("batchMatmul", "a.shape[0]", left.shape[0] ?? 0, "b.shape[0]", right.shape[0] ?? 0);
  return product(left, right, options.transa ?? false, options.transb ?? false);
}

function asStack(x: VariableLike, name: string): Variable {
  if (x.ndim === 2) return reshape(x, [...x.shape, 1]);
  const variable = asVariable(x);
  expectNdim("batchMatmul", name, variable.array, 3);
  return variable;
}
