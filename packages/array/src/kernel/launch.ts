/** What the three kinds of kernel share when they run: operands, devices and cache keys. */
import type { Backend, Executable } from "../backend.js";
import { hostExecutable } from "../backends/host-executable.js";
import { dtypeCode, floatingType, promoteNumber, promoteTypes, type DType } from "../dtype.js";
import { DeviceError, InvalidType, KernelError } from "../errors.js";
import { NdArray } from "../ndarray.js";
import { broadcastShapes, sameShape, type Shape } from "../shape.js";
import type { BufferExpr, Expr } from "./expr.js";
import { toExpr } from "./expr.js";
import { layoutCode } from "./layout.js";
import { Lowering, type LeafTypes } from "./lower.js";
import type { ComputeType, InputType, Layout, Program } from "./program.js";
import { computeType } from "./lower.js";

/** An argument of a kernel: an array, or a number that takes the arrays' dtype. */
export type Operand = NdArray | number;

/** Named parameters that a kernel's body uses besides its operands. */
export interface KernelParameters<S extends string, U extends string, B extends string> {
  /** Numbers in the floating dtype of the operands. */
  readonly scalars?: readonly S[];
  /** 32-bit unsigned integers. */
  readonly uints?: readonly U[];
  /** Arrays that are read at computed positions. */
  readonly buffers?: readonly B[];
}

/** What the body sees of its named parameters. */
export type NamedExprs<S extends string, U extends string, B extends string> = { readonly [K in S | U]: Expr } & {
  readonly [K in B]: BufferExpr;
};

/** What the caller gives for them. */
export type NamedValues<S extends string, U extends string, B extends string> = { readonly [K in S | U]: number } & {
  readonly [K in B]: NdArray;
};

/** Names of a kernel's parameters in their order. */
export interface ParameterNames {
  readonly scalars: readonly string[];
  readonly uints: readonly string[];
  readonly buffers: readonly string[];
}

export const noParameters: ParameterNames = { scalars: [], uints: [], buffers: [] };

export function parameterNames(parameters: KernelParameters<string, string, string>): ParameterNames {
  return {
    scalars: parameters.scalars ?? [],
    uints: parameters.uints ?? [],
    buffers: parameters.buffers ?? [],
  };
}

/** Symbolic operands `0 … count-1`. */
export function parameterExprs(count: number): Expr[] {
  return Array.from({ length: count }, (_, index): Expr => ({ kind: "parameter", index }));
}

/** Symbolic named parameters. */
export function namedExprs(names: ParameterNames): Record<string, Expr | BufferExpr> {
  const named: Record<string, Expr | BufferExpr> = {};
  [...names.scalars, ...names.uints].forEach((name, index) => (named[name] = { kind: "scalar", index }));
  names.buffers.forEach((name, buffer) => {
    named[name] = { at: (index) => ({ kind: "at", buffer, args: [toExpr(index)] }) };
  });
  return named;
}

/** A compiled program and what the caller needs to know of it. */
export interface Variant {
  readonly run: Executable;
  readonly outputs: readonly DType[];
}

/** Compiled variants of one kernel by backend, then by dtypes and layouts. */
export class VariantCache {
  private lastBackend: Backend | null = null;
  private lastVariants = new Map<number | string, Variant>();
  private readonly byBackend = new Map<Backend, Map<number | string, Variant>>();

  /** The variant of a key; `program` is asked for what to compile when it is needed for the first time. */
  get(backend: Backend, key: number | string, program: () => Program): Variant {
    const variants = this.of(backend);
    let variant = variants.get(key);
    if (variant === undefined) {
      const made = program();
      const run = backend.compile(made) ?? hostExecutable(made);
      variant = { run, outputs: made.outputs.map(({ dtype }) => dtype) };
      variants.set(key, variant);
    }
    return variant;
  }

  private of(backend: Backend): Map<number | string, Variant> {
    if (backend === this.lastBackend) return this.lastVariants;
    let variants = this.byBackend.get(backend);
    if (variants === undefined) {
      variants = new Map();
      this.byBackend.set(backend, variants);
    }
    this.lastBackend = backend;
    this.lastVariants = variants;
    return variants;
  }
}

/** Digit of a cache key: dtype and layout of one operand, below 32. */
export function operandDigit(dtype: DType, layout: Layout): number {
  return dtypeCode(dtype) * 4 + layoutCode(layout);
}

/** Digit of a number: only whether it is whole matters for the types. */
export function numberDigit(value: number): number {
  return Number.isInteger(value) ? 3 : 7;
}

/** A key holds at most this many digits exactly; beyond that it continues as a string. */
export const digitsPerNumber = 10;

/** The device of a launch; every array must be on it and alive. */
export function backendOf(kernel: string, arrays: readonly (NdArray | number)[]): Backend {
  let backend: Backend | undefined;
  for (let i = 0; i < arrays.length; i++) {
    const array = arrays[i] as NdArray | number;
    if (typeof array === "number") continue;
    if (array.storage.freed) array.checkAlive();
    const own = array.storage.backend;
    if (backend === undefined) backend = own;
    else if (backend !== own) {
      throw new DeviceError(
        `${kernel}: operands are on different devices (${backend.name}, ${own.name}); move one with toDevice()`,
      );
    }
  }
  if (backend === undefined) throw new KernelError(`${kernel}: at least one operand must be an array`);
  return backend;
}

/** Throws for what TypeScript lets through: an operand that is neither an array nor a number, or too few of them. */
export function checkOperands(kernel: string, operands: readonly unknown[], count: number): void {
  if (operands.length !== count) {
    throw InvalidType.of(kernel, `${count} operands`, `${operands.length}`);
  }
  for (const operand of operands) {
    if (!(operand instanceof NdArray) && typeof operand !== "number") {
      throw InvalidType.of(kernel, "arrays or numbers", describe(operand));
    }
  }
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list; make an array of it with array()";
  return value === null || typeof value !== "object" ? String(value) : value.constructor.name;
}

/** Common shape of the operands. */
export function commonShape(operands: readonly Operand[]): Shape {
  let shape: Shape | undefined;
  for (const operand of operands) {
    if (typeof operand === "number") continue;
    if (shape === undefined || sameShape(shape, operand.shape)) shape ??= operand.shape;
    else shape = broadcastShapes(shape, operand.shape);
  }
  return shape ?? [];
}

/** Dtypes of operands, numbers resolved against the arrays'. */
export function operandTypes(operands: readonly Operand[]): DType[] {
  let common: DType | undefined;
  for (const operand of operands) {
    if (typeof operand === "number") continue;
    common = common === undefined ? operand.dtype : promoteTypes(common, operand.dtype);
  }
  const base = common ?? "float32";
  return operands.map((operand) => (typeof operand === "number" ? promoteNumber(base, operand) : operand.dtype));
}

/** What lowering and the program need to know of operands and named parameters. */
export interface Signature {
  readonly inputs: InputType[];
  readonly scalars: ComputeType[];
  readonly buffers: DType[];
  readonly leaves: LeafTypes;
}

/** Types of all leaves of a launch. `layouts` lists one layout an array input. */
export function signatureOf(
  operands: readonly Operand[],
  layouts: readonly Layout[],
  names: ParameterNames,
  buffers: readonly NdArray[],
): Signature {
  const types = operandTypes(operands);
  const arrayTypes = types.filter((_, i) => typeof operands[i] !== "number");
  const floating = floatingType(arrayTypes.reduce(promoteTypes, arrayTypes[0] ?? "float32"));
  let nextLayout = 0;
  const inputs = operands.map((operand, i): InputType => ({
    dtype: types[i] as DType,
    layout: typeof operand === "number" ? "number" : (layouts[nextLayout++] as Layout),
  }));
  const scalars: DType[] = [...names.scalars.map(() => floating), ...names.uints.map((): DType => "uint32")];
  const numbers = types.filter((_, i) => typeof operands[i] === "number");
  const bufferTypes = buffers.map((b) => b.dtype);
  return {
    inputs,
    scalars: [...scalars, ...numbers].map(computeType),
    buffers: bufferTypes,
    leaves: { parameters: types, scalars, buffers: bufferTypes },
  };
}

/** A lowering that expands operations as a backend needs it. */
export function loweringFor(backend: Backend, kernel: string, leaves: LeafTypes): Lowering {
  return new Lowering(kernel, leaves, (op, type) =>
    backend.isNative(op, type) ? undefined : backend.expansions?.(op, type),
  );
}

/** A named number of a run; TypeScript has checked it, unless nobody asked it to. */
export function numberOf(kernel: string, name: string, value: unknown): number {
  if (typeof value !== "number") throw InvalidType.of(`${kernel} (${name})`, "a number", String(value));
  return value;
}
