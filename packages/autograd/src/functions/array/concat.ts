import { arraySplit, concatenate, zeros, type NdArray } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { formatShape } from "../../shape.js";
import { expectAxis, expectSameDtype, expectThat, invalidType } from "../../type-check.js";
import type { VariableNode } from "../../variable-node.js";
import { asVariable, type Variable, type VariableLike } from "../../variable.js";

/** A run of {@link concat}. */
export class Concat extends FunctionNode {
  constructor(
    private readonly name: string,
    readonly axis: number,
  ) {
    super();
  }

  override get label(): string {
    return this.name;
  }

  override checkTypeForward(xs: readonly [NdArray, ...NdArray[]]): void {
    const { label } = this;
    const [first] = xs;
    const axis = expectAxis(label, "axis", this.axis, first.ndim);
    xs.forEach((x, i) => {
      expectSameDtype(label, "xs[0]", first, `xs[${i}]`, x);
      expectThat(
        label,
        x.ndim === first.ndim && x.shape.every((length, k) => k === axis || length === first.shape[k]),
        () => `shapes that agree on all axes but ${axis}`,
        () => xs.map(({ shape }) => formatShape(shape)).join(" and "),
      );
    });
  }

  override forward(xs: readonly NdArray[]): NdArray[] {
    return [concatenate(xs, { axis: this.axis })];
  }

  override backward(indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const { axis, inputs } = this;
    const ends: number[] = [];
    let end = 0;
    for (const { shape } of inputs?.slice(0, -1) ?? []) ends.push((end += shape.at(axis) as number));
    const parts = splitParts(gy, ends, axis);
    return indexes.map((index) => parts[index] as Variable);
  }
}

/** Cuts an array into parts: the inverse of joining. */
export class SplitAxis extends FunctionNode {
  constructor(
    private readonly sections: number | readonly number[],
    readonly axis: number,
  ) {
    super();
  }

  override get label(): string {
    return "splitAxis";
  }

  override checkTypeForward([x]: readonly [NdArray]): void {
    const { sections } = this;
    const axis = expectAxis("splitAxis", "axis", this.axis, x.ndim);
    const length = x.shape[axis] as number;
    if (typeof sections === "number") {
      const fits = Number.isInteger(sections) && sections > 0 && length % sections === 0;
      expectThat("splitAxis", fits, `x.shape[${axis}] to divide into ${sections} equal parts`, `${length}`);
    } else {
      const ascend = sections.every(
        (end, i) => Number.isInteger(end) && end >= (sections[i - 1] ?? 0) && end <= length,
      );
      expectThat(
        "splitAxis",
        ascend,
        `ascending positions within x.shape[${axis}] = ${length}`,
        `[${sections.join(", ")}]`,
      );
    }
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    return arraySplit(x, this.sections, { axis: this.axis });
  }

  override backward(_indexes: readonly number[], gys: Gradients): Gradients {
    return [concatAs("concat", filledWithZeros(gys, this.outputs), this.axis)];
  }
}

/** Gradients of all outputs, of which some are given. */
export function filledWithZeros(gys: Gradients, outputs: readonly VariableNode[] | null): VariableLike[] {
  const device = gys.find((gy) => gy !== null)?.device;
  return gys.map((gy, i) => {
    const { shape = [], dtype } = outputs?.[i] ?? {};
    return gy ?? zeros(shape, { dtype, device });
  });
}

/** What `splitAxis` does, as a list. */
export function splitParts(x: VariableLike, sections: number | readonly number[], axis: number): Variable[] {
  return new SplitAxis(sections, axis).apply([x]);
}

/** {@link concat} under the name of another function. */
export function concatAs(label: string, xs: readonly VariableLike[], axis: number): Variable {
  if (xs.length === 0) throw invalidType(label, "at least one array", "an empty list");
  return new Concat(label, axis).apply(xs)[0] as Variable;
}

/** Options of {@link concat}. */
export interface ConcatOptions {
  /** The axis along which arrays are joined, 1 by default. */
  readonly axis?: number;
}

/**
 * Joins arrays along an existing axis.
 *
 * Follows Chainer's `concat`.
 *
 * @param xs - One array or more, of one dtype, whose shapes agree on all other axes.
 * @throws InvalidType if the list is empty, there is no such axis, or shapes or dtypes do not fit.
 */
export function concat(xs: readonly VariableLike[], { axis = 1 }: ConcatOptions = {}): Variable {
  const [only] = xs;
  if (xs.length === 1 && only !== undefined) {
    expectAxis("concat", "axis", axis, only.ndim);
    return asVariable(only);
  }
  return concatAs("concat", xs, axis);
}
