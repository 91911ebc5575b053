/** A convolution, its transpose, and the gradient by its weights: each one's derivatives are the other two. */
import {
  add,
  convolution,
  convolutionGradInput,
  convolutionGradWeight,
  reshape,
  type ConvolutionGeometry,
  type NdArray,
  type Shape,
} from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { expectEqual, expectFloating, expectNdim, expectSameDtype, expectThat } from "../../type-check.js";
import type { Variable } from "../../variable.js";
import { sum } from "../math/sum.js";

type Operands = readonly [NdArray, NdArray, NdArray?];
type Sized = readonly [expression: string, size: number];

/** What the three have in common: the convolution that they belong to, under the name that it was called by. */
abstract class ConvolutionFunction extends FunctionNode {
  constructor(
    protected readonly name: string,
    readonly geometry: ConvolutionGeometry,
    /** Lengths of the result's spatial axes. */
    readonly outsize: Shape,
  ) {
    super();
  }

  override get label(): string {
    return this.name;
  }

  /** Each of the first two operands is needed for the gradient of the other. */
  protected retainOperands(): void {
    if (this.wantsGradient(0)) this.retainInputs(this.wantsGradient(1) ? [0, 1] : [1]);
    else if (this.wantsGradient(1)) this.retainInputs([0]);
  }

  /** The first operand, in the backward of the second. */
  protected get first(): Variable {
    return this.getRetainedInputs()[0] as Variable;
  }

  /** The second operand, in the backward of the first. */
  protected get second(): Variable {
    return this.getRetainedInputs().at(-1) as Variable;
  }

  protected convolve(x: Variable, W: Variable, outsize: Shape): Variable {
    return new ConvolutionNd(this.name, this.geometry, outsize).apply([x, W])[0] as Variable;
  }

  protected deconvolve(gy: Variable, W: Variable, insize: Shape): Variable {
    return new DeconvolutionNd(this.name, this.geometry, insize).apply([gy, W])[0] as Variable;
  }

  protected gradW(x: Variable, gy: Variable, ksize: Shape): Variable {
    return new ConvolutionNdGradW(this.name, this.geometry, ksize).apply([x, gy])[0] as Variable;
  }

  /** Lengths of the spatial axes of an input. */
  protected sizeOf(index: number): Shape {
    return this.inputShape(index).slice(2);
  }

  /** Checks the operands of a convolution or deconvolution, whose input has so many channels, and output so many. */
  protected checkOperands([x, W, b]: Operands, inputs: Sized, outputs: Sized): void {
    const { name } = this;
    expectFloating(name, "x", x);
    expectSameDtype(name, "x", x, "W", W);
    expectEqual(name, "x.shape[1]", x.shape[1] as number, ...inputs);
    const { groups } = this.geometry;
    const channels = W.shape[0] as number;
    expectThat(name, channels % groups === 0, `W.shape[0] to be a multiple of groups, ${groups}`, () => `${channels}`);
    if (b === undefined) return;
    expectSameDtype(name, "x", x, "b", b);
    expectNdim(name, "b", b, 1);
    expectEqual(name, "b.shape[0]", b.shape[0] as number, ...outputs);
  }
}

/** `(x, W[, b])`. */
export class ConvolutionNd extends ConvolutionFunction {
  override checkTypeForward(inputs: readonly NdArray[]): void {
    const operands = inputs as Operands;
    const [outer, inner] = operands[1].shape as [number, number];
    this.checkOperands(operands, ["W.shape[1] * groups", inner * this.geometry.groups], ["W.shape[0]", outer]);
  }

  override forward(inputs: readonly NdArray[]): NdArray[] {
    const [x, W, b] = inputs as Operands;
    this.retainOperands();
    return [convolution(x, W, { ...this.geometry, bias: b ?? null, outsize: this.outsize })];
  }

  override backward(indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    return indexes.map((index) => {
      if (index === 0) return this.deconvolve(gy, this.second, this.sizeOf(0));
      if (index === 1) return this.gradW(this.first, gy, this.sizeOf(1));
      return gradBias(gy);
    });
  }
}

/** `(x, W[, b])`: the gradient of a convolution by its input, if `x` is that by its output. */
export class DeconvolutionNd extends ConvolutionFunction {
  override checkTypeForward(inputs: readonly NdArray[]): void {
    const operands = inputs as Operands;
    const [outer, inner] = operands[1].shape as [number, number];
    this.checkOperands(operands, ["W.shape[0]", outer], ["W.shape[1] * groups", inner * this.geometry.groups]);
  }

  override forward(inputs: readonly NdArray[]): NdArray[] {
    const [x, W, b] = inputs as Operands;
    this.retainOperands();
    const y = convolutionGradInput(x, W, this.outsize, this.geometry);
    if (b === undefined) return [y];
    return [add(y, reshape(b, [b.size, ...this.outsize.map(() => 1)]), { out: y })];
  }

  override backward(indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    return indexes.map((index) => {
      if (index === 0) return this.convolve(gy, this.second, this.sizeOf(0));
      if (index === 1) return this.gradW(gy, this.first, this.sizeOf(1));
      return gradBias(gy);
    });
  }
}

/** `(x, gy)`: the gradient of a convolution by its weights. */
class ConvolutionNdGradW extends ConvolutionFunction {
  override get label(): string {
    return `${this.name}-gradW`;
  }

  override forward([x, gy]: readonly [NdArray, NdArray]): NdArray[] {
    this.retainOperands();
    return [convolutionGradWeight(x, gy, this.outsize, this.geometry)];
  }

  override backward(indexes: readonly number[], [ggW]: readonly [Variable]): Gradients {
    return indexes.map((index) =>
      index === 0 ? this.deconvolve(this.second, ggW, this.sizeOf(0)) : this.convolve(this.first, ggW, this.sizeOf(1)),
    );
  }
}

function gradBias(gy: Variable): Variable {
  return sum(gy, { axis: gy.shape.map((_, i) => i).filter((i) => i !== 1) });
}
