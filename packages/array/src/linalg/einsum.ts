import { promoteTypes } from "../dtype.js";
import { ValueError } from "../errors.js";
import type { Expr } from "../kernel/expr.js";
import * as k from "../kernel/ops.js";
import { reduction } from "../kernel/reduction.js";
import { multiply } from "../math/arithmetic.js";
import { astype } from "../manipulation/astype.js";
import { reshape } from "../manipulation/reshape.js";
import { compose } from "../math/compose.js";
import type { NdArray } from "../ndarray.js";
import { checkArray } from "../reductions/reduce.js";
import { sum } from "../reductions/sum.js";
import { formatShape, sizeOf } from "../shape.js";
import { permuteAxes, viewOf } from "../views.js";
import { parseSubscripts } from "./einsum-parse.js";
import { matmulInto } from "./matmul-into.js";

/** An array whose axes have names, each once. */
interface Term {
  readonly x: NdArray;
  readonly labels: readonly string[];
}

type Sizes = ReadonlyMap<string, number>;

/**
 * Einstein's sum convention (NumPy's `einsum`): axes with the same letter run together, and those that the result does
 * not name are summed over.
 *
 * ```ts
 * einsum("ij,jk->ik", a, b); // matrix product
 * einsum("...ii->...i", a); // diagonals, as a view
 * ```
 *
 * Without `->`, the result has the letters that occur once, in alphabetical order, after the axes of `...`. Operands are
 * contracted two at a time, the cheapest pair first, by matrix products where there are any.
 *
 * @throws ValueError if subscripts are malformed or do not fit the operands.
 */
export function einsum(subscripts: string, ...operands: NdArray[]): NdArray {
  for (const operand of operands) checkArray("einsum", operand);
  if (operands.length === 0) throw new ValueError("einsum: at least one operand is needed");
  const parsed = parseSubscripts(
    subscripts,
    operands.map((x) => x.ndim),
  );
  const sizes = sizesOf(subscripts, parsed.inputs, operands);
  const dtype = operands.map((x) => x.dtype).reduce(promoteTypes);
  return compose(operands, () => {
    const terms = operands.map((x, i) =>
      withoutOnes(diagonal(astype(x, dtype, { copy: false }), parsed.inputs[i] as string[]), sizes),
    );
    while (terms.length > 1) contractCheapest(terms, parsed.output, sizes);
    const last = sumOver(terms[0] as Term, (label) => !parsed.output.includes(label));
    return viewOf(
      last.x,
      permuteAxes(
        last.x,
        parsed.output.map((label) => last.labels.indexOf(label)),
      ),
    );
  });
}

function sizesOf(text: string, inputs: readonly (readonly string[])[], operands: readonly NdArray[]): Sizes {
  const sizes = new Map<string, number>();
  inputs.forEach((labels, i) => {
    labels.forEach((label, axis) => {
      const length = operands[i]?.shape[axis] as number;
      const known = sizes.get(label) ?? 1;
      if (length !== known && length !== 1 && known !== 1) {
        throw new ValueError(
          `einsum: axes "${label}" of "${text}" have lengths ${known} and ${length}, shapes ${operands.map((x) => formatShape(x.shape)).join(" ")}`,
        );
      }
      if (length !== 1) sizes.set(label, length);
      else if (!sizes.has(label)) sizes.set(label, 1);
    });
  });
  return sizes;
}

/** One axis for every letter: a letter that an operand has twice means its diagonal. */
function diagonal(x: NdArray, labels: readonly string[]): Term {
  const unique = [...new Set(labels)];
  if (unique.length === labels.length) return { x, labels };
  const axesOf = (label: string): number[] => labels.flatMap((other, axis) => (other === label ? [axis] : []));
  const shape = unique.map((label) => {
    const lengths = axesOf(label).map((axis) => x.shape[axis] as number);
    if (lengths.some((length) => length !== lengths[0])) {
      throw new ValueError(`einsum: axes "${label}" of one operand have lengths ${lengths.join(" and ")}`);
    }
    return lengths[0] as number;
  });
  const strides = unique.map((label) => axesOf(label).reduce((total, axis) => total + (x.strides[axis] as number), 0));
  return { x: x.view(shape, strides, x.offset), labels: unique };
}

/** An axis of length 1 broadcasts against longer ones of its name: the operand does not depend on it. */
function withoutOnes({ x, labels }: Term, sizes: Sizes): Term {
  const kept = labels.map((_, axis) => axis).filter((axis) => x.shape[axis] === sizes.get(labels[axis] as string));
  return { x: viewOf(x, permuteAxes(x, kept)), labels: kept.map((axis) => labels[axis] as string) };
}

function contractCheapest(terms: Term[], output: readonly string[], sizes: Sizes): void {
  let best = { cost: Infinity, i: 0, j: 1 };
  for (let i = 0; i < terms.length; i++) {
    for (let j = i + 1; j < terms.length; j++) {
      const labels = new Set([...(terms[i] as Term).labels, ...(terms[j] as Term).labels]);
      const cost = sizeOf([...labels].map((label) => sizes.get(label) as number));
      if (cost < best.cost) best = { cost, i, j };
    }
  }
  const [b] = terms.splice(best.j, 1) as [Term];
  const [a] = terms.splice(best.i, 1) as [Term];
  const needed = new Set([...output, ...terms.flatMap(({ labels }) => labels)]);
  terms.push(contract(a, b, needed, sizes));
}

/** The product of two terms, summed over what is not needed any more. */
function contract(first: Term, second: Term, needed: ReadonlySet<string>, sizes: Sizes): Term {
  const a = sumOver(first, (label) => !needed.has(label) && !second.labels.includes(label));
  const b = sumOver(second, (label) => !needed.has(label) && !first.labels.includes(label));
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => needed.has(label));
  const summed = shared.filter((label) => !needed.has(label));
  const rows = a.labels.filter((label) => !shared.includes(label));
  const columns = b.labels.filter((label) => !shared.includes(label));
  const labels = [...batch, ...rows, ...columns];
  if (summed.length === 0) {
    return { x: multiply(spread(a, labels), spread(b, labels)), labels };
  }
  if (rows.length === 0 && columns.length === 0) {
    const order = [...batch, ...summed];
    const axis = summed.map((_, i) => batch.length + i);
    return { x: sumOfProducts(spread(a, order), spread(b, order), { axis }), labels };
  }
  const extent = (names: readonly string[]): number => sizeOf(names.map((label) => sizes.get(label) as number));
  const left = reshape(spread(a, [...batch, ...rows, ...summed]), [extent(batch), extent(rows), extent(summed)]);
  const right = reshape(spread(b, [...batch, ...summed, ...columns]), [extent(batch), extent(summed), extent(columns)]);
  const product = batch.length === 0 ? matmulInto(matrix(left), matrix(right)) : matmulInto(left, right);
  return {
    x: reshape(
      product,
      labels.map((label) => sizes.get(label) as number),
    ),
    labels,
  };
}

const sumOfProducts = reduction("einsum", { map: (a: Expr, b: Expr) => k.mul(a, b), combine: k.add, identity: 0 });

function matrix(x: NdArray): NdArray {
  return reshape(x, x.shape.slice(1));
}

/** The term's axes in the order of `labels`, with length 1 where it has none. */
function spread({ x, labels: own }: Term, labels: readonly string[]): NdArray {
  const axes = labels.map((label) => own.indexOf(label));
  return x.view(
    axes.map((axis) => (axis < 0 ? 1 : (x.shape[axis] as number))),
    axes.map((axis) => (axis < 0 ? 0 : (x.strides[axis] as number))),
    x.offset,
  );
}

function sumOver({ x, labels }: Term, gone: (label: string) => boolean): Term {
  const axis = labels.flatMap((label, i) => (gone(label) ? [i] : []));
  if (axis.length === 0) return { x, labels };
  return { x: sum(x, { axis, dtype: x.dtype }), labels: labels.filter((label) => !gone(label)) };
}
