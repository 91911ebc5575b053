import type { Backend } from "../backend.js";
import type { DType } from "../dtype.js";
import { InvalidType, KernelError } from "../errors.js";
import { NdArray } from "../ndarray.js";
import { contiguousStrides, formatShape, normalizeAxis, sameShape, type Shape } from "../shape.js";
import {
  callable,
  type Initial,
  type KernelCore,
  type KernelOutput,
  type KernelResult,
  type KernelTarget,
  type Operands,
  type SplitArguments,
} from "./callable.js";
import { apart, disposeCopies } from "./elementwise-core.js";
import { argsOf, toExpr, type Expr, type ExprLike, type Monoid, type RowReduce } from "./expr.js";
import { usesIndex } from "./inspect.js";
import {
  backendOf,
  checkOperands,
  commonShape,
  loweringFor,
  namedExprs,
  noParameters,
  numberDigit,
  numberOf,
  operandDigit,
  parameterExprs,
  parameterNames,
  signatureOf,
  VariantCache,
  type Operand,
  type ParameterNames,
  type Variant,
} from "./launch.js";
import { broadcastStrides, layoutOf, mergeAxes, type Loops } from "./layout.js";
import { resultExprs, type Lowering } from "./lower.js";
import { lowerMonoid, maxMonoid, minMonoid, sumMonoid } from "./monoids.js";
import { div, index, size } from "./ops.js";
import { PlanCache } from "./plan-cache.js";
import { printKernel } from "./print.js";
import type { Layout, Node, RowPass, RowwiseProgram } from "./program.js";

/** Reductions over the row, for use in the body of a row-wise kernel. */
export class Row {
  /** Position in the row, int32. */
  readonly index: Expr = index;
  /** Length of the row, int32. */
  readonly size: Expr = size;

  /** Marks an operand that has length 1 along the row, so that a result made of it is one value per row. */
  value(x: Expr): Expr {
    return { kind: "perRow", args: [x] };
  }

  sum(x: ExprLike): Expr {
    return this.reduce(sumMonoid, x);
  }

  mean(x: ExprLike): Expr {
    return div(this.sum(x), size);
  }

  max(x: ExprLike): Expr {
    return this.reduce(maxMonoid, x);
  }

  min(x: ExprLike): Expr {
    return this.reduce(minMonoid, x);
  }

  private reduce(monoid: Monoid, x: ExprLike): Expr {
    return { kind: "rowReduce", reduce: { values: [toExpr(x)], monoid }, component: 0 };
  }
}

/** Along which axis the rows lie. */
export interface RowOptions {
  /** The last axis by default. */
  readonly axis?: number;
}

/** A compiled-on-demand row-wise kernel; call it with its operands, then its scalars if it has any. */
export interface RowwiseKernel<A extends readonly unknown[], R, S extends string> {
  (...args: [...A, RowArguments<S>?]): KernelOutput<R>;
  readonly kernelName: string;
  into(out: KernelTarget<R>, ...args: [...A, RowArguments<S>?]): void;
  print(...args: [...A, RowArguments<S>?] | []): string;
}

/** Options and scalars of a run. */
export type RowArguments<S extends string> = RowOptions & { readonly [K in S]: number };

/**
 * Defines a row-wise operation: reductions over a row, and a map that uses their results.
 *
 * ```ts
 * const softmax = rowwise("softmax", (row, x) => {
 *   const e = exp(sub(x, row.max(x)));
 *   return div(e, row.sum(e));
 * });
 * ```
 *
 * A result that depends on single elements has the operands' shape; one made of row reductions only has length 1 along
 * the row. Operands broadcast: one with length 1 along the row is a value per row.
 */
export interface DefineRowwise {
  <F extends (row: Row, ...operands: Expr[]) => KernelResult>(
    name: string,
    body: F,
  ): RowwiseKernel<OperandsAfterRow<Parameters<F>>, ReturnType<F>, never>;
  // As for elementwise kernels, only the last argument holds the scalars.
  <
    S extends string,
    F extends (row: Row, ...args: (Expr & ScalarExprs<S>)[]) => KernelResult = (
      row: Row,
      ...args: (Expr & ScalarExprs<S>)[]
    ) => KernelResult,
  >(
    name: string,
    parameters: { readonly scalars: readonly S[] },
    body: F,
  ): RowwiseKernel<OperandsAfterRow<Initial<Parameters<F>>>, ReturnType<F>, S>;
}

type ScalarExprs<S extends string> = { readonly [K in S]: Expr };

type OperandsAfterRow<P extends readonly unknown[]> = P extends readonly [unknown, ...infer Rest] ? Operands<Rest> : [];

export const rowwise: DefineRowwise = (
  name: string,
  parametersOrBody: { readonly scalars: readonly string[] } | ((...args: never[]) => KernelResult),
  maybeBody?: (...args: never[]) => KernelResult,
) => {
  const body = (typeof parametersOrBody === "function" ? parametersOrBody : maybeBody) as (
    ...args: unknown[]
  ) => KernelResult;
  const names = typeof parametersOrBody === "function" ? null : parameterNames(parametersOrBody);
  const count = body.length - (names === null ? 1 : 2);
  const inputs = parameterExprs(count);
  const result = body(new Row(), ...(names === null ? inputs : [...inputs, namedExprs(names)]));
  const core = new RowwiseCore(name, count, names ?? noParameters, result);
  const split: SplitArguments = (args) => [
    args.slice(0, count) as Operand[],
    (args[count] ?? null) as Record<string, unknown> | null,
  ];
  return callable(core, split) as never;
};

/** How to run on arrays of certain layouts. */
interface Plan {
  readonly backend: Backend;
  readonly shape: Shape;
  readonly axis: number;
  readonly loops: Loops;
}

/** A plan, and what has to be compiled for it. */
interface NewPlan extends Plan {
  readonly key: string;
  readonly program: () => RowwiseProgram;
}

/** A plan that is kept: it must not hold on to the arrays that it was made for. */
interface CompiledPlan extends Plan {
  readonly variant: Variant;
}

const noArrays: readonly NdArray[] = [];

class RowwiseCore implements KernelCore {
  private readonly exprs: readonly Expr[];
  private readonly single: boolean;
  private readonly per: readonly ("element" | "row")[];
  private indexed: boolean | undefined;
  private readonly variants = new VariantCache();
  private readonly plans = new PlanCache<CompiledPlan>();

  constructor(
    readonly name: string,
    private readonly count: number,
    private readonly names: ParameterNames,
    result: KernelResult,
  ) {
    const { exprs, single } = resultExprs(result, name);
    this.exprs = exprs;
    this.single = single;
    this.per = exprs.map((expr) => (dependsOnElement(expr) ? "element" : "row"));
  }

  private get usesIndex(): boolean {
    return (this.indexed ??= usesIndex(this.exprs));
  }

  result(outputs: readonly NdArray[]): NdArray | readonly NdArray[] {
    return this.single ? (outputs[0] as NdArray) : outputs;
  }

  run(
    out: readonly NdArray[] | null,
    given: readonly Operand[],
    named: Record<string, unknown> | null,
  ): readonly NdArray[] {
    checkOperands(this.name, given, this.count);
    const operands = out === null ? given : apart(out, given);
    const arrays = out === null ? operands : [...operands, ...out];
    backendOf(this.name, arrays);
    const axis = axisOf(named);
    const plan = this.plans.find(arrays, axis, false) ?? this.compile(arrays, out, operands, axis);
    const outputs =
      out ?? plan.variant.outputs.map((dtype, i) => NdArray.allocate(plan.backend, dtype, this.shapeOf(i, plan)));
    if (outputs.some((array) => array.size > 0)) {
      const inputs: NdArray[] = [];
      const scalars = this.names.scalars.map((name) => numberOf(this.name, name, named?.[name]));
      for (const operand of operands) {
        if (typeof operand === "number") scalars.push(operand);
        else inputs.push(operand);
      }
      const { shape, strides } = plan.loops;
      plan.variant.run({ outputs, inputs, buffers: noArrays, scalars, shape, strides });
    }
    if (operands !== given) disposeCopies(operands, given);
    return outputs;
  }

  print(operands: readonly Operand[], named: Record<string, unknown> | null): string {
    const { backend, program } = this.plan(null, operands, axisOf(named));
    return `${this.printExpression()}\n${backend.print(program())}`;
  }

  printExpression(): string {
    return printKernel(this.name, this.count, this.names, this.exprs);
  }

  private compile(
    arrays: readonly Operand[],
    out: readonly NdArray[] | null,
    operands: readonly Operand[],
    axis: number | undefined,
  ): CompiledPlan {
    const plan = this.plan(out, operands, axis);
    const { backend, shape, loops } = plan;
    const variant = this.variants.get(backend, plan.key, plan.program);
    const compiled = { backend, shape, loops, axis: plan.axis, variant };
    this.plans.add(arrays, axis, false, compiled);
    return compiled;
  }

  private shapeOf(output: number, { shape, axis }: { shape: Shape; axis: number }): Shape {
    return this.per[output] === "element" ? shape : shape.map((n, i) => (i === axis ? 1 : n));
  }

  private plan(out: readonly NdArray[] | null, operands: readonly Operand[], given: number | undefined): NewPlan {
    const backend = backendOf(this.name, out === null ? operands : [...operands, ...out]);
    const shape = commonShape(operands);
    const axis = normalizeAxis(given ?? -1, shape.length);
    const outer = shape.map((_, i) => i).filter((i) => i !== axis);
    const order = [...outer, axis];
    const arrays = operands.filter((operand): operand is NdArray => typeof operand !== "number");
    const outStrides = this.exprs.map((_, i) => {
      const expected = this.shapeOf(i, { shape, axis });
      const target = out?.[i];
      if (target === undefined) return rowStrides(expected, axis);
      if (!sameShape(target.shape, expected)) {
        throw InvalidType.of(`${this.name} (out)`, `shape ${formatShape(expected)}`, formatShape(target.shape));
      }
      return target.strides.map((s, k) => (k === axis && this.per[i] === "row" ? 0 : s));
    });
    const all = [...outStrides, ...arrays.map((array) => broadcastStrides(array, shape))];
    const rows = mergeAxes({
      shape: outer.map((i) => shape[i] as number),
      strides: all.map((s) => outer.map((i) => s[i] as number)),
    });
    const loops: Loops = {
      shape: [...rows.shape, shape[axis] as number],
      strides: rows.strides.map((s, k) => [...s, (all[k] as number[])[order.at(-1) as number] as number]),
    };
    const layouts = loops.strides.map((s) => layoutOf(s.at(-1) as number));
    const outLayouts = layouts.slice(0, outStrides.length);
    const inputLayouts = layouts.slice(outStrides.length);
    let next = 0;
    const parts = operands.map((operand) =>
      typeof operand === "number" ? numberDigit(operand) : operandDigit(operand.dtype, inputLayouts[next++] as Layout),
    );
    const key = `${loops.shape.length}:${parts.join()}:${outLayouts.map((l, i) => `${out?.[i]?.dtype ?? ""}${l}`).join()}`;
    const program = (): RowwiseProgram =>
      this.program(backend, out, operands, inputLayouts, loops.shape.length, outLayouts);
    return { backend, program, key, shape, axis, loops };
  }

  private program(
    backend: Backend,
    out: readonly NdArray[] | null,
    operands: readonly Operand[],
    layouts: readonly Layout[],
    rank: number,
    outLayouts: readonly Layout[],
  ): RowwiseProgram {
    const signature = signatureOf(operands, layouts, this.names, []);
    const { inputs, scalars, leaves } = signature;
    const passes: RowPass[] = [];
    const known = new Map<RowReduce, { pass: number; dtypes: DType[] }>();
    const over = (parameters: readonly DType[]): Lowering =>
      loweringFor(backend, this.name, { parameters, scalars: [], buffers: [] });
    const lowering: Lowering = loweringFor(backend, this.name, {
      ...leaves,
      rowReduce: (reduce, component) => {
        let entry = known.get(reduce);
        if (entry === undefined) {
          const values = reduce.values.map((value) => lowering.lower(value));
          const dtypes = values.map(({ dtype }) => dtype);
          const combine = lowerMonoid(reduce.monoid, dtypes, this.name, over);
          entry = { pass: passes.length, dtypes };
          passes.push({ values: values.map(({ node }) => node), combine });
          known.set(reduce, entry);
        }
        const type = (passes[entry.pass] as RowPass).combine.types[component];
        if (type === undefined) throw new KernelError(`${this.name}: a row reduction has no component ${component}`);
        const node: Node = { kind: "rowValue", type, pass: entry.pass, component };
        return { node, dtype: entry.dtypes[component] as DType };
      },
    });
    const lowered = this.exprs.map((expr, i) => {
      const dtype = out?.[i]?.dtype;
      return dtype === undefined ? lowering.lower(expr) : { node: lowering.lowerTo(expr, dtype), dtype };
    });
    return {
      kind: "rowwise",
      name: this.name,
      id: `${this.name}(${inputs.map((i) => `${i.dtype} ${i.layout}`).join(", ")})`,
      inputs,
      outputs: lowered.map(({ dtype }, i) => ({ dtype, layout: outLayouts[i] as Layout })),
      scalars,
      buffers: [],
      rank,
      usesIndex: this.usesIndex,
      passes,
      body: lowered.map(({ node }) => node),
      per: this.per,
    };
  }
}

/** Whether a value differs between the elements of a row; an operand does unless `Row.value` says otherwise. */
function dependsOnElement(expr: Expr): boolean {
  if (expr.kind === "parameter" || expr.kind === "index") return true;
  if (expr.kind === "perRow") return false;
  return argsOf(expr).some(dependsOnElement);
}

/** Strides of a new C-contiguous array; 0 along the row where it has length 1. */
function rowStrides(shape: Shape, axis: number): number[] {
  const strides = contiguousStrides(shape);
  if (shape[axis] === 1) strides[axis] = 0;
  return strides;
}

function axisOf(named: Record<string, unknown> | null): number | undefined {
  return named?.["axis"] as number | undefined;
}
