import type { Backend, Launch } from "../backend.js";
import type { DType } from "../dtype.js";
import { InvalidType } from "../errors.js";
import { NdArray } from "../ndarray.js";
import { contiguousStrides, formatShape, sameShape, type Shape } from "../shape.js";
import type { KernelCore, KernelResult } from "./callable.js";
import type { Expr } from "./expr.js";
import { usesIndex } from "./inspect.js";
import {
  backendOf,
  checkOperands,
  commonShape,
  digitsPerNumber,
  loweringFor,
  noParameters,
  numberDigit,
  numberOf,
  operandDigit,
  signatureOf,
  VariantCache,
  type Operand,
  type ParameterNames,
  type Variant,
} from "./launch.js";
import { broadcastStrides, layoutOf, mergeAxes, sortAxes, type Loops } from "./layout.js";
import { resultExprs } from "./lower.js";
import { PlanCache } from "./plan-cache.js";
import { printKernel } from "./print.js";
import type { ElementwiseProgram, Layout } from "./program.js";
import type { KernelRun } from "./run-together.js";

/** Runs one elementwise kernel: finds the loops, picks or compiles the variant, allocates, launches. */
export class ElementwiseCore implements KernelCore {
  private readonly exprs: readonly Expr[];
  private readonly single: boolean;
  private indexed: boolean | undefined;
  private readonly variants = new VariantCache();
  /** Plans of strided runs. */
  private readonly plans = new PlanCache<Plan>();

  constructor(
    readonly name: string,
    private readonly count: number,
    private readonly names: ParameterNames,
    result: KernelResult,
  ) {
    const { exprs, single } = resultExprs(result, name);
    this.exprs = exprs;
    this.single = single;
  }

  /** Found out when it is needed, not when the kernel is defined: programs define hundreds, and run a few. */
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
    const givenBuffers = named === null ? noArrays : this.buffersOf(named);
    const operands = out === null ? given : apart(out, given);
    const buffers = out === null ? givenBuffers : buffersApart(out, givenBuffers);
    const plan = this.plan(out, operands, buffers);
    const outputs = out ?? plan.variant.outputs.map((dtype) => allocateLike(plan.backend, dtype, plan));
    if (plan.size > 0) plan.variant.run(this.launchOf(plan, outputs, operands, buffers, named));
    if (operands !== given) disposeCopies(operands, given);
    if (buffers !== givenBuffers) disposeCopies(buffers, givenBuffers);
    return outputs;
  }

  /** A run into existing arrays that is not started yet. */
  prepare(out: readonly NdArray[], given: readonly Operand[], named: Record<string, unknown> | null): KernelRun {
    checkOperands(this.name, given, this.count);
    const operands = apart(out, given);
    const givenBuffers = named === null ? noArrays : this.buffersOf(named);
    const buffers = buffersApart(out, givenBuffers);
    const plan = this.plan(out, operands, buffers);
    const copies =
      operands === given && buffers === givenBuffers
        ? noArrays
        : copiesIn([...operands, ...buffers], [...given, ...givenBuffers]);
    if (plan.size === 0) return { work: null, copies };
    return { work: { run: plan.variant.run, launch: this.launchOf(plan, out, operands, buffers, named) }, copies };
  }

  private launchOf(
    plan: Plan,
    outputs: readonly NdArray[],
    operands: readonly Operand[],
    buffers: readonly NdArray[],
    named: Record<string, unknown> | null,
  ): Launch {
    return {
      outputs,
      inputs: arraysIn(operands),
      buffers,
      scalars: this.scalarsOf(operands, named),
      shape: plan.loopShape,
      strides: plan.strides,
    };
  }

  print(operands: readonly Operand[], named: Record<string, unknown> | null): string {
    const { backend, program } = this.describe(operands, named === null ? noArrays : this.buffersOf(named));
    return `${this.printExpression()}\n${backend.print(program)}`;
  }

  printExpression(): string {
    return printKernel(this.name, this.count, this.names, this.exprs);
  }

  private plan(out: readonly NdArray[] | null, operands: readonly Operand[], buffers: readonly NdArray[]): Plan {
    const backend = backendOf(
      this.name,
      out === null ? (buffers.length === 0 ? operands : [...operands, ...buffers]) : [...operands, ...buffers, ...out],
    );
    const flat = this.planFlat(backend, out, operands, buffers);
    if (flat !== null) return flat;
    const arrays = out === null && buffers.length === 0 ? operands : [...operands, ...buffers, ...(out ?? noArrays)];
    let plan = this.plans.find(arrays, undefined, false);
    if (plan === undefined) {
      plan = this.planStrided(backend, out, operands, buffers);
      this.plans.add(arrays, undefined, false, plan);
    }
    return plan;
  }

  /** Everything contiguous and of one shape (or numbers, or single elements): one loop, strides known from the layouts. */
  private planFlat(
    backend: Backend,
    out: readonly NdArray[] | null,
    operands: readonly Operand[],
    buffers: readonly NdArray[],
  ): Plan | null {
    if (operands.length + buffers.length + (out?.length ?? 1) > digitsPerNumber) return null;
    let leader: NdArray | null = null;
    for (let i = 0; i < operands.length; i++) {
      const operand = operands[i] as Operand;
      if (typeof operand === "number") continue;
      if (!operand.contiguous) return null;
      if (leader === null || operand.size > leader.size || operand.ndim > leader.ndim) leader = operand;
    }
    if (leader === null) return null;
    // Runs into given arrays are told from others by the digit in front.
    let key = out === null ? 0 : 1;
    for (let i = 0; i < operands.length; i++) {
      const operand = operands[i] as Operand;
      let digit: number;
      if (typeof operand === "number") digit = numberDigit(operand);
      else if (operand === leader || sameShape(operand.shape, leader.shape))
        digit = operandDigit(operand.dtype, "contiguous");
      else if (operand.size === 1 && operand.ndim <= leader.ndim) digit = operandDigit(operand.dtype, "broadcast");
      else return null;
      key = key * 32 + digit;
    }
    for (let i = 0; i < buffers.length; i++) key = key * 32 + operandDigit((buffers[i] as NdArray).dtype, "contiguous");
    if (out !== null) {
      for (let i = 0; i < out.length; i++) {
        const array = out[i] as NdArray;
        if (!array.contiguous || !sameShape(array.shape, leader.shape)) return null;
        key = key * 32 + operandDigit(array.dtype, "contiguous");
      }
    }
    return this.flatPlan(backend, leader, key, out, operands, buffers);
  }

  private flatPlan(
    backend: Backend,
    leader: NdArray,
    key: number,
    out: readonly NdArray[] | null,
    operands: readonly Operand[],
    buffers: readonly NdArray[],
  ): Plan {
    const variant = this.variants.get(backend, key, () => {
      const layouts = operands
        .filter((operand): operand is NdArray => typeof operand !== "number")
        .map((operand): Layout => (sameShape(operand.shape, leader.shape) ? "contiguous" : "broadcast"));
      const outLayouts = this.exprs.map((): Layout => "contiguous");
      return this.program(backend, out, operands, layouts, buffers, 1, outLayouts);
    });
    return {
      backend,
      variant,
      shape: leader.shape,
      strides: null,
      contiguousStrides: leader.strides,
      size: leader.size,
      loopShape: [leader.size],
    };
  }

  private planStrided(
    backend: Backend,
    out: readonly NdArray[] | null,
    operands: readonly Operand[],
    buffers: readonly NdArray[],
  ): Plan {
    const { shape, loops, layouts, outLayouts } = this.loopsOf(out, operands);
    const rank = loops.shape.length;
    let next = 0;
    const parts = operands.map((operand) =>
      typeof operand === "number" ? numberDigit(operand) : operandDigit(operand.dtype, layouts[next++] as Layout),
    );
    const outParts = outLayouts.map((layout, i) => `${out?.[i]?.dtype ?? ""}${layout}`);
    const key = `${rank}:${parts.join()}:${buffers.map((b) => b.dtype).join()}:${outParts.join()}`;
    const variant = this.variants.get(backend, key, () =>
      this.program(backend, out, operands, layouts, buffers, rank, outLayouts),
    );
    let size = 1;
    for (const length of shape) size *= length;
    return {
      backend,
      variant,
      shape,
      strides: loops.strides,
      contiguousStrides: undefined,
      size,
      loopShape: loops.shape,
    };
  }

  private loopsOf(
    out: readonly NdArray[] | null,
    operands: readonly Operand[],
  ): { shape: Shape; loops: Loops; layouts: Layout[]; outLayouts: Layout[] } {
    const common = commonShape(operands);
    const shape = out?.[0]?.shape ?? common;
    if (out !== null) {
      for (const array of out) {
        if (!sameShape(array.shape, shape)) {
          throw InvalidType.of(`${this.name} (out)`, `shape ${formatShape(shape)}`, formatShape(array.shape));
        }
      }
      const merged = commonShape([...operands, ...out]);
      if (!sameShape(merged, shape)) {
        throw InvalidType.of(`${this.name} (out)`, `shape ${formatShape(merged)}`, formatShape(shape));
      }
    }
    const arrays = operands.filter((operand): operand is NdArray => typeof operand !== "number");
    const outputs = this.exprs.map((_, i) => out?.[i]);
    const outStrides = outputs.map((array) => (array === undefined ? contiguousStrides(shape) : [...array.strides]));
    let loops: Loops = {
      shape: [...shape],
      strides: [...outStrides, ...arrays.map((array) => broadcastStrides(array, shape))],
    };
    if (out !== null && !this.usesIndex) loops = sortAxes(loops, 0);
    loops = mergeAxes(loops, 1);
    const inner = loops.strides.map((s) => layoutOf(s[s.length - 1] as number));
    // A single element may have been given any stride by the merge; it still is one element.
    const outLayouts = inner.slice(0, outputs.length).map((l) => (l === "broadcast" ? "strided" : l));
    return { shape, loops, layouts: inner.slice(outputs.length), outLayouts };
  }

  private describe(
    operands: readonly Operand[],
    buffers: readonly NdArray[],
  ): { backend: Backend; program: ElementwiseProgram } {
    const backend = backendOf(this.name, [...operands, ...buffers]);
    const { loops, layouts, outLayouts } = this.loopsOf(null, operands);
    return {
      backend,
      program: this.program(backend, null, operands, layouts, buffers, loops.shape.length, outLayouts),
    };
  }

  private program(
    backend: Backend,
    out: readonly NdArray[] | null,
    operands: readonly Operand[],
    layouts: readonly Layout[],
    buffers: readonly NdArray[],
    rank: number,
    outLayouts: readonly Layout[],
  ): ElementwiseProgram {
    const { inputs, scalars, buffers: bufferTypes, leaves } = signatureOf(operands, layouts, this.names, buffers);
    const lowering = loweringFor(backend, this.name, leaves);
    const lowered = this.exprs.map((expr, i) => {
      const dtype = out?.[i]?.dtype;
      return dtype === undefined ? lowering.lower(expr) : { node: lowering.lowerTo(expr, dtype), dtype };
    });
    const outputs = lowered.map(({ dtype }, i) => ({ dtype, layout: outLayouts[i] as Layout }));
    return {
      kind: "elementwise",
      name: this.name,
      id: `${this.name}(${inputs.map((i) => `${i.dtype} ${i.layout}`).join(", ")})`,
      inputs,
      outputs,
      scalars,
      buffers: bufferTypes,
      rank,
      usesIndex: this.usesIndex,
      body: lowered.map(({ node }) => node),
    };
  }

  private buffersOf(named: Record<string, unknown>): readonly NdArray[] {
    return this.names.buffers.map((name) => {
      const buffer = named[name];
      if (!(buffer instanceof NdArray)) throw InvalidType.of(`${this.name} (${name})`, "an array", String(buffer));
      if (!buffer.contiguous) throw InvalidType.of(`${this.name} (${name})`, "a contiguous array", "a strided view");
      return buffer;
    });
  }

  private scalarsOf(operands: readonly Operand[], named: Record<string, unknown> | null): number[] {
    const scalars: number[] = [];
    if (named !== null) {
      for (const name of this.names.scalars) scalars.push(numberOf(this.name, name, named[name]));
      for (const name of this.names.uints) scalars.push(numberOf(this.name, name, named[name]));
    }
    for (let i = 0; i < operands.length; i++) {
      const operand = operands[i];
      if (typeof operand === "number") scalars.push(operand);
    }
    return scalars;
  }
}

interface Plan {
  readonly backend: Backend;
  readonly variant: Variant;
  readonly shape: Shape;
  readonly size: number;
  readonly loopShape: readonly number[];
  readonly strides: readonly (readonly number[])[] | null;
  /** Strides of a new array of this shape, where they are at hand. */
  readonly contiguousStrides: readonly number[] | undefined;
}

const noArrays: readonly NdArray[] = [];

/** The operands that are arrays; the same list if all are. */
function arraysIn(operands: readonly Operand[]): readonly NdArray[] {
  for (const operand of operands) {
    if (typeof operand === "number") return operands.filter((each): each is NdArray => typeof each !== "number");
  }
  return operands as readonly NdArray[];
}

function allocateLike(backend: Backend, dtype: DType, plan: Plan): NdArray {
  return NdArray.allocate(backend, dtype, plan.shape, plan.contiguousStrides, plan.size);
}

/**
 * The operands of a run into existing arrays: copies of those that overlap an output otherwise than element by element,
 * since what is written would replace what is still to be read. The same list if there are none.
 */
export function apart(out: readonly NdArray[], operands: readonly Operand[]): readonly Operand[] {
  for (const operand of operands) {
    if (typeof operand !== "number" && overlaps(out, operand)) {
      return operands.map((each) => (typeof each !== "number" && overlaps(out, each) ? copyKernel(each) : each));
    }
  }
  return operands;
}

/** As {@link apart}, for arrays that are read anywhere, so that not even the same elements may be written. */
function buffersApart(out: readonly NdArray[], buffers: readonly NdArray[]): readonly NdArray[] {
  const touched = ({ storage }: NdArray): boolean => out.some((each) => each.storage === storage);
  return buffers.some(touched) ? buffers.map((each) => (touched(each) ? copyKernel(each) : each)) : buffers;
}

/** The copies that {@link apart} made. */
export function copiesIn(operands: readonly Operand[], given: readonly Operand[]): NdArray[] {
  return operands.filter((operand, i): operand is NdArray => operand !== given[i] && typeof operand !== "number");
}

/** Frees the copies that {@link apart} made. */
export function disposeCopies(operands: readonly Operand[], given: readonly Operand[]): void {
  for (const copy of copiesIn(operands, given)) copy.dispose();
}

/** Whether an output shares memory with an operand other than element by element. */
function overlaps(out: readonly NdArray[], operand: NdArray): boolean {
  for (const array of out) {
    if (operand.storage !== array.storage) continue;
    const same =
      operand.offset === array.offset &&
      operand.dtype === array.dtype &&
      sameShape(operand.shape, array.shape) &&
      sameShape(operand.strides, array.strides);
    if (!same) return true;
  }
  return false;
}

const copyCore = new ElementwiseCore("copy", 1, noParameters, { kind: "parameter", index: 0 });

/** Copies an array of any layout into a contiguous one. */
export function copyKernel(x: NdArray): NdArray {
  return copyCore.run(null, [x], null)[0] as NdArray;
}
