import { einsum as einsumArrays, ValueError, type NdArray } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { expectFloating, expectSameDtype, invalidType } from "../../type-check.js";
import { asArray, asVariable, type Variable, type VariableLike } from "../../variable.js";
import { broadcastTo } from "../array/broadcast-to.js";
import { diagonal } from "../array/diagonal.js";
import { transpose } from "../array/transpose.js";
import { parseSubscripts, type Labels } from "./einsum-subscripts.js";
import { sum } from "./sum.js";

/** An operand whose axes have names, each once. */
interface Term {
  readonly x: Variable;
  readonly labels: Labels;
}

/** A sum of products in which every label of an operand is in the result or in another operand. */
class Einsum extends FunctionNode {
  constructor(
    private readonly labels: readonly Labels[],
    private readonly output: Labels,
  ) {
    super();
  }

  override get label(): string {
    return "einsum";
  }

  override checkTypeForward(xs: readonly NdArray[]): void {
    const [first] = xs as [NdArray];
    expectFloating(this.label, "operands", first);
    xs.forEach((x, i) => expectSameDtype(this.label, "operands[0]", first, `operands[${i}]`, x));
  }

  override forward(xs: readonly NdArray[]): NdArray[] {
    this.retainInputs(xs.map((_, i) => i));
    const letters = new Map<string, string>();
    const write = (labels: Labels): string =>
      labels
        .map((label) => {
          const letter = letters.get(label) ?? alphabet.charAt(letters.size);
          letters.set(label, letter);
          return letter;
        })
        .join("");
    const subscripts = `${this.labels.map(write).join()}->${write(this.output)}`;
    return [einsumArrays(subscripts, ...xs)];
  }

  override backward(indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const xs = this.getRetainedInputs();
    return indexes.map((index) => {
      const others = xs.filter((_, i) => i !== index);
      const labels = [this.output, ...this.labels.filter((_, i) => i !== index)];
      return new Einsum(labels, this.labels[index] as Labels).apply([gy, ...others])[0] as Variable;
    });
  }
}

const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/**
 * Einstein's sum convention (Chainer's and NumPy's `einsum`): axes with the same letter run together, and those that the
 * result does not name are summed over. `...` stands for axes that broadcast.
 *
 * ```ts
 * einsum("ij,jk->ik", a, b); // matrix product
 * einsum("...ii->...i", a); // diagonals
 * ```
 *
 * @throws ValueError if the subscripts are malformed; InvalidType if they do not fit the operands.
 */
export function einsum(subscripts: string, ...operands: VariableLike[]): Variable {
  if (operands.length === 0) throw new ValueError("einsum: at least one operand is needed");
  const { inputs, output } = parseSubscripts(
    subscripts,
    operands.map((x) => x.ndim),
  );
  operands.forEach((x) => expectFloating("einsum", "operands", asArray(x)));
  const sizes = sizesOf(subscripts, operands, inputs);
  const terms = operands.map((x, i) => withoutRepeats({ x: asVariable(x), labels: inputs[i] as Labels }, sizes));
  const reduced = terms.map((term, i) => {
    const needed = new Set([...output, ...terms.flatMap(({ labels }, k) => (k === i ? [] : labels))]);
    return keepOnly(term, needed);
  });
  const [first] = reduced as [Term];
  if (reduced.length === 1) return inOrder(first, output);
  return new Einsum(
    reduced.map(({ labels }) => labels),
    output,
  ).apply(reduced.map(({ x }) => x))[0] as Variable;
}

/** Length of the axes of every label; lengths of 1 give way to others. */
function sizesOf(
  subscripts: string,
  operands: readonly VariableLike[],
  inputs: readonly Labels[],
): Map<string, number> {
  const sizes = new Map<string, number>();
  operands.forEach(({ shape }, i) => {
    (inputs[i] as Labels).forEach((label, axis) => {
      const length = shape[axis] as number;
      const known = sizes.get(label) ?? 1;
      if (known !== 1 && length !== 1 && known !== length) {
        throw invalidType("einsum", `axes "${label}" of one length in "${subscripts}"`, `${known} != ${length}`);
      }
      if (known === 1) sizes.set(label, length);
    });
  });
  return sizes;
}

/** Repeats axes of length 1, then takes diagonals where an operand names two axes alike. */
function withoutRepeats({ x, labels }: Term, sizes: ReadonlyMap<string, number>): Term {
  let term: Term = {
    x: broadcastTo(
      x,
      labels.map((label) => sizes.get(label) ?? 1),
    ),
    labels,
  };
  for (;;) {
    const own: Labels = term.labels;
    const second = own.findIndex((label, i) => own.indexOf(label) < i);
    if (second < 0) return term;
    const label = own[second] as string;
    const first = own.indexOf(label);
    term = {
      x: diagonal(term.x, { axis1: first, axis2: second }),
      labels: [...own.filter((_, i) => i !== first && i !== second), label],
    };
  }
}

/** Sums over the axes that nobody else names. */
function keepOnly({ x, labels }: Term, needed: ReadonlySet<string>): Term {
  const gone = labels.map((_, i) => i).filter((i) => !needed.has(labels[i] as string));
  if (gone.length === 0) return { x, labels };
  return { x: sum(x, { axis: gone }), labels: labels.filter((label) => needed.has(label)) };
}

function inOrder({ x, labels }: Term, output: Labels): Variable {
  const axes = output.map((label) => labels.indexOf(label));
  return axes.every((axis, i) => axis === i) ? x : transpose(x, axes);
}
