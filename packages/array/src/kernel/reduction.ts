import type { Backend, Launch } from "../backend.js";
import type { DType } from "../dtype.js";
import { InvalidType, KernelError } from "../errors.js";
import { NdArray } from "../ndarray.js";
import { formatShape, normalizeAxes, sameShape, type Axis, type Shape } from "../shape.js";
import { apart, copiesIn, disposeCopies } from "./elementwise-core.js";
import type { KernelOutput, KernelResult, KernelTarget } from "./callable.js";
import type { Expr, ExprLike, Monoid } from "./expr.js";
import { usesIndex } from "./inspect.js";
import {
  backendOf,
  checkOperands,
  commonShape,
  loweringFor,
  noParameters,
  numberDigit,
  operandDigit,
  parameterExprs,
  signatureOf,
  VariantCache,
  type Operand,
  type Variant,
} from "./launch.js";
import { broadcastStrides, layoutOf, mergeAxes, sortAxes, type Loops } from "./layout.js";
import { resultExprs } from "./lower.js";
import { lowerMonoid } from "./monoids.js";
import { size } from "./ops.js";
import { PlanCache } from "./plan-cache.js";
import { printKernel } from "./print.js";
import type { Layout, ReductionProgram } from "./program.js";
import type { KernelRun } from "./run-together.js";

/** Along which axes to reduce, and whether they stay with length 1. */
export interface ReduceOptions {
  /** One axis, several, or `null` for all of them (the default). */
  readonly axis?: Axis;
  readonly keepdims?: boolean;
}

/** A reduction whose state has one component. */
export interface SimpleReduction<M extends (...inputs: Expr[]) => ExprLike> {
  /** What is combined, from the operands' elements; it may use `index`, the position along the reduced axes. */
  readonly map: M;
  /** An associative, commutative operation. */
  readonly combine: (a: Expr, b: Expr) => ExprLike;
  /** Its identity: the result for no elements. */
  readonly identity: number;
  /** The result from the combined value and the number of elements. */
  readonly finish?: (value: Expr, count: Expr) => ExprLike;
}

/** A reduction whose state has several components (a maximum and where it was, a count and a mean, …). */
export interface CompoundReduction<M extends (...inputs: Expr[]) => readonly ExprLike[], R extends KernelResult> {
  readonly map: M;
  readonly combine: (a: readonly Expr[], b: readonly Expr[]) => readonly ExprLike[];
  readonly identity: readonly number[];
  /**
   * What `combine` gives where all elements of `b` come after those of `a`, if that is less work. Devices that go through elements
   * in order use it.
   */
  readonly append?: (a: readonly Expr[], b: readonly Expr[]) => readonly ExprLike[];
  /** The result, or several, from the combined state and the number of elements. */
  readonly finish: (state: readonly Expr[], count: Expr) => R;
}

/** A compiled-on-demand reduction; call it with its operands and along which axes. */
export interface ReductionKernel<A extends readonly unknown[], R = ExprLike> {
  (...args: [...A, ReduceOptions?]): KernelOutput<R>;
  readonly kernelName: string;
  /** Writes into existing arrays. */
  into(out: KernelTarget<R>, ...args: [...A, ReduceOptions?]): void;
  /** As {@link into}, to be started by {@link runTogether}. */
  prepare(out: KernelTarget<R>, ...args: [...A, ReduceOptions?]): KernelRun;
  /** The traced expression and, given arguments, the code that the device would run for them. */
  print(...args: [...A, ReduceOptions?] | []): string;
}

/** Operands that a `map` function takes. */
export type OperandsOf<M extends (...inputs: never[]) => unknown> = OperandList<Parameters<M>>;

type OperandList<P extends readonly unknown[]> = { [K in keyof P]: Operand };

/**
 * Defines a reduction: elements are mapped, then combined over the reduced axes, then finished. Operands broadcast
 * first.
 *
 * ```ts
 * const sumOfSquares = reduction("sum_of_squares", { map: (x: Expr) => mul(x, x), combine: add, identity: 0 });
 * const norms = sqrt(sumOfSquares(x, { axis: 1 }));
 * ```
 *
 * Partial results are combined pairwise, so that rounding errors grow with the logarithm of the number of elements; how
 * they are grouped depends on shapes only, never on the number of threads.
 */
export function reduction<M extends (...inputs: Expr[]) => ExprLike>(
  name: string,
  definition: SimpleReduction<M>,
): ReductionKernel<OperandsOf<M>>;
export function reduction<M extends (...inputs: Expr[]) => readonly ExprLike[], R extends KernelResult>(
  name: string,
  definition: CompoundReduction<M, R>,
): ReductionKernel<OperandsOf<M>, R>;
export function reduction(
  name: string,
  definition:
    | SimpleReduction<(...inputs: Expr[]) => ExprLike>
    | CompoundReduction<(...inputs: Expr[]) => readonly ExprLike[], KernelResult>,
): unknown {
  const core = new ReductionCore(
    name,
    definition.map.length,
    definition.map,
    monoidOf(definition),
    finishOf(definition),
  );
  const split = (args: readonly unknown[]): [Operand[], ReduceOptions] => {
    const given = args.length > core.count ? ((args[core.count] ?? {}) as ReduceOptions) : {};
    return [args.slice(0, core.count) as Operand[], given];
  };
  const run = (...args: unknown[]): NdArray | readonly NdArray[] => core.result(core.run(null, ...split(args)));
  return Object.assign(run, {
    kernelName: name,
    into: (out: NdArray | readonly NdArray[], ...args: unknown[]) =>
      void core.run(out instanceof NdArray ? [out] : out, ...split(args)),
    prepare: (out: NdArray | readonly NdArray[], ...args: unknown[]) =>
      core.prepare(out instanceof NdArray ? [out] : out, ...split(args)),
    print: (...args: unknown[]) => (args.length === 0 ? core.printExpression() : core.print(...split(args))),
  });
}

type Definition =
  | SimpleReduction<(...inputs: Expr[]) => ExprLike>
  | CompoundReduction<(...inputs: Expr[]) => readonly ExprLike[], KernelResult>;

function isSimple(definition: Definition): definition is SimpleReduction<(...inputs: Expr[]) => ExprLike> {
  return typeof definition.identity === "number";
}

function monoidOf(definition: Definition): Monoid {
  if (!isSimple(definition)) return definition;
  const { identity, combine } = definition;
  return { identity: [identity], combine: ([a], [b]) => [combine(a as Expr, b as Expr)] };
}

function finishOf(definition: Definition): (state: readonly Expr[]) => KernelResult {
  if (!isSimple(definition)) return (state) => definition.finish(state, size);
  const { finish } = definition;
  return finish === undefined ? ([value]) => value as Expr : ([value]) => finish(value as Expr, size);
}

/** How to run on arrays of certain layouts. */
interface Plan {
  readonly backend: Backend;
  readonly outShape: Shape;
  readonly loops: Loops;
}

/** A plan, and what has to be compiled for it. */
interface NewPlan extends Plan {
  readonly key: string;
  readonly program: () => ReductionProgram;
}

/** A plan that is kept: it must not hold on to the arrays that it was made for. */
interface CompiledPlan extends Plan {
  readonly variant: Variant;
}

const noArrays: readonly NdArray[] = [];

class ReductionCore {
  private readonly map: readonly Expr[];
  private readonly finish: readonly Expr[];
  private readonly single: boolean;
  private indexed: boolean | undefined;
  private readonly variants = new VariantCache();
  private readonly plans = new PlanCache<CompiledPlan>();

  constructor(
    private readonly name: string,
    readonly count: number,
    map: (...inputs: Expr[]) => ExprLike | readonly ExprLike[],
    private readonly monoid: Monoid,
    finish: (state: readonly Expr[]) => KernelResult,
  ) {
    this.map = resultExprs(map(...parameterExprs(count)), name).exprs;
    if (this.map.length !== monoid.identity.length) {
      throw new KernelError(`${name}: map gives ${this.map.length} values, identity has ${monoid.identity.length}`);
    }
    const { exprs, single } = resultExprs(finish(parameterExprs(monoid.identity.length)), name);
    this.finish = exprs;
    this.single = single;
  }

  private get usesIndex(): boolean {
    return (this.indexed ??= usesIndex(this.map));
  }

  result(outputs: readonly NdArray[]): NdArray | readonly NdArray[] {
    return this.single ? (outputs[0] as NdArray) : outputs;
  }

  run(out: readonly NdArray[] | null, given: readonly Operand[], options: ReduceOptions): readonly NdArray[] {
    checkOperands(this.name, given, this.count);
    const operands = out === null ? given : apart(out, given);
    const plan = this.planOf(out, operands, options);
    const outputs = out ?? plan.variant.outputs.map((dtype) => NdArray.allocate(plan.backend, dtype, plan.outShape));
    if (outputs.some((array) => array.size > 0)) plan.variant.run(launchOf(plan, outputs, operands));
    if (operands !== given) disposeCopies(operands, given);
    return outputs;
  }

  /** A run into existing arrays that is not started yet. */
  prepare(out: readonly NdArray[], given: readonly Operand[], options: ReduceOptions): KernelRun {
    checkOperands(this.name, given, this.count);
    const operands = apart(out, given);
    const plan = this.planOf(out, operands, options);
    const copies = operands === given ? noArrays : copiesIn(operands, given);
    if (!out.some((array) => array.size > 0)) return { work: null, copies };
    return { work: { run: plan.variant.run, launch: launchOf(plan, out, operands) }, copies };
  }

  print(operands: readonly Operand[], options: ReduceOptions): string {
    const { backend, program } = this.plan(null, operands, options);
    return `${this.printExpression()}\n${backend.print(program())}`;
  }

  printExpression(): string {
    return printKernel(this.name, this.count, noParameters, this.map);
  }

  private planOf(out: readonly NdArray[] | null, operands: readonly Operand[], options: ReduceOptions): CompiledPlan {
    const arrays = out === null ? operands : [...operands, ...out];
    backendOf(this.name, arrays);
    const { axis, keepdims = false } = options;
    return this.plans.find(arrays, axis, keepdims) ?? this.compile(arrays, out, operands, options);
  }

  private compile(
    arrays: readonly Operand[],
    out: readonly NdArray[] | null,
    operands: readonly Operand[],
    options: ReduceOptions,
  ): CompiledPlan {
    const plan = this.plan(out, operands, options);
    const { backend, outShape, loops } = plan;
    const compiled = { backend, outShape, loops, variant: this.variants.get(backend, plan.key, plan.program) };
    this.plans.add(arrays, options.axis, options.keepdims ?? false, compiled);
    return compiled;
  }

  private plan(
    out: readonly NdArray[] | null,
    operands: readonly Operand[],
    { axis, keepdims = false }: ReduceOptions,
  ): NewPlan {
    const backend = backendOf(this.name, out === null ? operands : [...operands, ...out]);
    const shape = commonShape(operands);
    const axes = normalizeAxes(axis, shape.length);
    const kept = shape.map((_, i) => i).filter((i) => !axes.includes(i));
    const outShape = keepdims ? shape.map((n, i) => (axes.includes(i) ? 1 : n)) : kept.map((i) => shape[i] as number);
    const wrong = out?.find((array) => !sameShape(array.shape, outShape));
    if (wrong !== undefined) {
      throw InvalidType.of(`${this.name} (out)`, `shape ${formatShape(outShape)}`, formatShape(wrong.shape));
    }
    const arrays = operands.filter((operand): operand is NdArray => typeof operand !== "number");
    const inputStrides = arrays.map((array) => broadcastStrides(array, shape));
    const pick = (strides: readonly number[], which: readonly number[]): number[] =>
      which.map((i) => strides[i] as number);
    const outStrides = this.finish.map((_, i) => outStridesOf(out?.[i] ?? null, outShape, kept, keepdims));
    const outputs = outStrides.length;

    let keptLoops: Loops = {
      shape: kept.map((i) => shape[i] as number),
      strides: [...outStrides, ...inputStrides.map((s) => pick(s, kept))],
    };
    let reducedLoops: Loops = {
      shape: axes.map((i) => shape[i] as number),
      strides: [...outStrides.map(() => axes.map(() => 0)), ...inputStrides.map((s) => pick(s, axes))],
    };
    // The order in which elements are visited is free unless their position matters.
    keptLoops = mergeAxes(sortAxes(keptLoops, outputs));
    reducedLoops = mergeAxes(this.usesIndex ? reducedLoops : sortAxes(reducedLoops, outputs), 1);
    const keptRank = keptLoops.shape.length;
    const inner = innerAxis(keptLoops, reducedLoops, outputs);
    const loops: Loops = {
      shape: [...keptLoops.shape, ...reducedLoops.shape],
      strides: keptLoops.strides.map((s, k) => [...s, ...(reducedLoops.strides[k] as number[])]),
    };
    const innerIndex = inner === "kept" ? keptRank - 1 : loops.shape.length - 1;
    const layouts = loops.strides.map((s) => layoutOf(s[innerIndex] as number));
    let next = outputs;
    const parts = operands.map((operand) =>
      typeof operand === "number" ? numberDigit(operand) : operandDigit(operand.dtype, layouts[next++] as Layout),
    );
    const outLayouts = outStrides.map((_, i): Layout => (inner === "kept" ? (layouts[i] as Layout) : "strided"));
    const outParts = outLayouts.map((layout, i) => `${out?.[i]?.dtype ?? ""}${layout}`);
    const key = `${inner}:${keptRank}:${loops.shape.length}:${parts.join()}:${outParts.join()}`;
    const program = (): ReductionProgram =>
      this.program(backend, out, operands, layouts.slice(outputs), loops.shape.length, keptRank, inner, outLayouts);
    return { backend, program, key, outShape, loops };
  }

  private program(
    backend: Backend,
    out: readonly NdArray[] | null,
    operands: readonly Operand[],
    layouts: readonly Layout[],
    rank: number,
    keptRank: number,
    inner: "reduced" | "kept",
    outLayouts: readonly Layout[],
  ): ReductionProgram {
    const { inputs, scalars, leaves } = signatureOf(operands, layouts, noParameters, []);
    const lowering = loweringFor(backend, this.name, leaves);
    const mapped = this.map.map((expr) => lowering.lower(expr));
    const dtypes = mapped.map(({ dtype }) => dtype);
    const over = (parameters: readonly DType[]) =>
      loweringFor(backend, this.name, { parameters, scalars: [], buffers: [] });
    const finishing = over(dtypes);
    const { append, ...monoid } = this.monoid;
    const appending = append === undefined ? null : { ...monoid, combine: append };
    const finished = this.finish.map((expr, i) => {
      const dtype = out?.[i]?.dtype;
      return dtype === undefined ? finishing.lower(expr) : { node: finishing.lowerTo(expr, dtype), dtype };
    });
    return {
      kind: "reduction",
      name: this.name,
      id: `${this.name}(${inputs.map((i) => `${i.dtype} ${i.layout}`).join(", ")}; ${inner})`,
      inputs,
      outputs: finished.map(({ dtype }, i) => ({ dtype, layout: outLayouts[i] as Layout })),
      scalars,
      buffers: [],
      rank,
      keptRank,
      inner,
      usesIndex: this.usesIndex,
      map: mapped.map(({ node }) => node),
      combine: lowerMonoid(this.monoid, dtypes, this.name, over),
      ...(appending === null ? {} : { append: lowerMonoid(appending, dtypes, this.name, over) }),
      finish: finished.map(({ node }) => node),
    };
  }
}

function launchOf(
  { loops: { shape, strides } }: CompiledPlan,
  outputs: readonly NdArray[],
  operands: readonly Operand[],
): Launch {
  const inputs: NdArray[] = [];
  const scalars: number[] = [];
  for (const operand of operands) {
    if (typeof operand === "number") scalars.push(operand);
    else inputs.push(operand);
  }
  return { outputs, inputs, buffers: noArrays, scalars, shape, strides };
}

/** Vectorise along whichever axis the first input has its neighbours on. */
function innerAxis(kept: Loops, reduced: Loops, outputs: number): "reduced" | "kept" {
  if (kept.shape.length === 0 || kept.strides.length <= outputs) return "reduced";
  const keptStride = (kept.strides[outputs] as number[]).at(-1);
  const reducedStride = (reduced.strides[outputs] as number[]).at(-1);
  return keptStride === 1 && reducedStride !== 1 && (kept.shape.at(-1) as number) >= 4 ? "kept" : "reduced";
}

/** Strides of an output, new or given, along the kept axes. */
function outStridesOf(out: NdArray | null, outShape: Shape, kept: readonly number[], keepdims: boolean): number[] {
  const strides: number[] = out === null ? [] : [...out.strides];
  if (out === null) {
    let stride = 1;
    for (let i = outShape.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= outShape[i] as number;
    }
  }
  return keepdims ? kept.map((i) => strides[i] as number) : strides;
}
