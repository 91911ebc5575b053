import { empty, type NdArray, type Shape } from "@chain/array";
import {
  differentiate,
  elementwiseOf,
  Interner,
  parametersIn,
  renumberParameters,
  type ElementwiseKernel,
  type Expr,
  type Operand,
} from "@chain/array/kernel";
import { packedShape, partOf, type Packing } from "./cell-packing.js";

/** An array that a cell function takes or gives. */
export interface PackedArray {
  /** For messages. */
  readonly name: string;
  readonly packing: Packing;
}

/** A result, with an expression for each of its parts. */
export interface PackedResult extends PackedArray {
  readonly exprs: readonly Expr[];
}

/** The gradients of some inputs from those of some outputs, as one more cell function. */
export interface CellGradient {
  readonly definition: CellDefinition;
  /** What its inputs are: the inputs of the function, then its outputs, then the gradients of its outputs. */
  readonly sources: readonly number[];
  /** For each of its outputs, the input that it is the gradient of. */
  readonly targets: readonly number[];
}

/** The part of an input that an operand of the kernel is. */
interface Place {
  readonly input: number;
  readonly part: number;
}

/** A kernel reads and writes no more arrays than this: every GPU can be given so many. */
const mostArrays = 8;

const zero: Expr = { kind: "constant", value: 0, boolean: false };

/**
 * What a cell function computes: results that are expressions over the parts of its inputs, which are parameters
 * numbered through; one kernel for all of them; and the cell functions that its gradients are, made when first needed.
 */
export class CellDefinition {
  /** Parts of all inputs. */
  private readonly places: readonly Place[];
  /** Those that the kernel reads. */
  private readonly operands: readonly Place[];
  private readonly kernel: ElementwiseKernel<Operand[], readonly Expr[]>;
  private readonly gradients = new Map<number, readonly CellGradient[]>();

  constructor(
    readonly name: string,
    readonly inputs: readonly PackedArray[],
    readonly outputs: readonly PackedResult[],
    private readonly interner: Interner,
  ) {
    this.places = placesOf(inputs);
    const exprs = outputs.flatMap((output) => output.exprs);
    const used = [...new Set(exprs.flatMap(parametersIn))].sort((a, b) => a - b);
    this.operands = used.map((index) => this.places[index] as Place);
    this.kernel = elementwiseOf(
      name,
      used.length,
      exprs.map((expr) => renumberParameters(expr, used)),
    );
  }

  /** Runs the kernel; `unit` is the shape of a part. */
  compute(arrays: readonly NdArray[], unit: Shape): NdArray[] {
    const { inputs, outputs, operands } = this;
    const [{ dtype, device }] = arrays as readonly [NdArray];
    const results = outputs.map(({ packing }) => empty(packedShape(unit, packing), { dtype, device }));
    const views: NdArray[] = [];
    const view = (x: NdArray, packing: Packing, part: number): NdArray => {
      const result = partOf(x, packing, part);
      if (result !== x) views.push(result);
      return result;
    };
    const targets: NdArray[] = [];
    for (let j = 0; j < outputs.length; j++) {
      const { packing } = outputs[j] as PackedResult;
      for (let part = 0; part < packing.parts; part++) targets.push(view(results[j] as NdArray, packing, part));
    }
    const values = operands.map(({ input, part }) =>
      view(arrays[input] as NdArray, (inputs[input] as PackedArray).packing, part),
    );
    this.kernel.into(targets, ...values);
    for (const part of views) part.dispose();
    return results;
  }

  /**
   * How the gradients of inputs (a bit each) are computed from those of outputs (a bit each): by one function, unless it
   * would have too many arrays, as gradients of gradients may. Those that are zero everywhere are left out.
   */
  gradient(wanted: number, given: number): readonly CellGradient[] {
    const key = wanted * 2 ** 20 + given;
    let gradient = this.gradients.get(key);
    if (gradient === undefined) {
      gradient = this.derive(wanted, given);
      this.gradients.set(key, gradient);
    }
    return gradient;
  }

  private derive(wanted: number, given: number): CellGradient[] {
    const { inputs, outputs, places } = this;
    const arrays = [...inputs, ...outputs, ...outputs.map(({ name, packing }) => ({ name: `g${name}`, packing }))];
    const all = placesOf(arrays);
    const count = all.length - places.length;
    // Parameters that stand for the outputs, followed by as many for their gradients.
    const parts = outputs
      .flatMap(({ exprs }, output) => exprs.map((expr) => ({ expr, output })))
      .map((part, i) => ({ ...part, value: places.length + i, seed: places.length + count / 2 + i }));
    const seeded = parts.filter(({ output }) => (given & (1 << output)) !== 0);
    const kept = parts.filter(({ output, expr }) => outputs[output]?.exprs.length === 1 && expr.kind === "op");

    const gradientOf = (index: number): Expr => {
      const terms = seeded.map(({ expr, seed }) => differentiate(expr, index, parameter(seed), this.interner));
      const sum = terms.reduce((a, b) => (a === null ? b : b === null ? a : this.interner.op("add", a, b)), null);
      return kept.reduce(
        (expr, { expr: from, value }) => this.interner.replace(expr, from, this.interner.intern(parameter(value))),
        sum ?? this.interner.intern(zero),
      );
    };
    const gradients = inputs.flatMap(({ name, packing }, input) => {
      if ((wanted & (1 << input)) === 0) return [];
      const exprs = places.flatMap((place, index) => (place.input === input ? [gradientOf(index)] : []));
      return exprs.every((expr) => expr.kind === "constant") ? [] : [{ input, name: `g${name}`, packing, exprs }];
    });
    const sourcesOf = (exprs: readonly Expr[]): Set<number> =>
      new Set(exprs.flatMap(parametersIn).map((index) => (all[index] as Place).input));
    const groups: { sources: Set<number>; results: (PackedResult & { readonly input: number })[] }[] = [];
    for (const result of gradients) {
      const last = groups.at(-1);
      const sources = new Set([...(last?.sources ?? []), ...sourcesOf(result.exprs)]);
      if (last !== undefined && sources.size + last.results.length < mostArrays) {
        last.sources = sources;
        last.results.push(result);
      } else {
        groups.push({ sources: sourcesOf(result.exprs), results: [result] });
      }
    }
    return groups.map(({ sources, results }) => {
      const ordered = [...sources].sort((a, b) => a - b);
      const indexes = ordered.flatMap((source) => all.flatMap(({ input }, index) => (input === source ? [index] : [])));
      const interner = new Interner();
      const definition = new CellDefinition(
        `${this.name}-grad`,
        ordered.map((source) => arrays[source] as PackedArray),
        results.map(({ name, packing, exprs }) => ({
          name,
          packing,
          exprs: exprs.map((expr) => interner.intern(renumberParameters(expr, indexes))),
        })),
        interner,
      );
      return { definition, sources: ordered, targets: results.map(({ input }) => input) };
    });
  }
}

function placesOf(arrays: readonly PackedArray[]): Place[] {
  return arrays.flatMap(({ packing }, input) => Array.from({ length: packing.parts }, (_, part) => ({ input, part })));
}

function parameter(index: number): Expr {
  return { kind: "parameter", index };
}
