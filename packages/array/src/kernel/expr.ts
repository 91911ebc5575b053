import { KernelError } from "../errors.js";
import type { DType } from "../dtype.js";
import type { OpName } from "./ops-table.js";

/**
 * A symbolic scalar: a node of the expression graph that a kernel's body leaves behind when it is traced. It has no
 * dtype yet; types are given when the kernel is compiled for concrete arrays (see `lower.ts`).
 */
export type Expr =
  | { readonly kind: "parameter"; readonly index: number }
  | { readonly kind: "scalar"; readonly index: number }
  | { readonly kind: "constant"; readonly value: number; readonly boolean: boolean }
  | { readonly kind: "index" }
  | { readonly kind: "size" }
  | { readonly kind: "at"; readonly buffer: number; readonly args: readonly [Expr] }
  | { readonly kind: "cast"; readonly dtype: CastTarget; readonly args: readonly [Expr] }
  | { readonly kind: "bitcast"; readonly dtype: "int32" | "uint32" | "float32"; readonly args: readonly [Expr] }
  | { readonly kind: "op"; readonly op: OpName; readonly args: readonly Expr[]; readonly hint?: Hint }
  /** An operand that has one value per row (see `Row.value`). */
  | { readonly kind: "perRow"; readonly args: readonly [Expr] }
  | { readonly kind: "rowReduce"; readonly reduce: RowReduce; readonly component: number };

/**
 * What a device may make use of: that hardly any element takes the first alternative of a `where`, which is much work (`rarely`), or that
 * the product in a sum or difference need not be rounded by itself (`fused`).
 */
export type Hint = "rare" | "fused";

/** What a cast converts to: a dtype, the dtype that accumulates the value's, or that of another expression. */
export type CastTarget = DType | "accumulator" | { readonly like: Expr };

/** An inner reduction of a row-wise kernel. */
export interface RowReduce {
  readonly values: readonly Expr[];
  readonly monoid: Monoid;
}

/** How partial results of a reduction combine: an associative, commutative operation and its identity. */
export interface Monoid {
  readonly identity: readonly number[];
  readonly combine: (a: readonly Expr[], b: readonly Expr[]) => readonly ExprLike[];
  /** The same where all elements of `b` come after those of `a`, if that is less work. */
  readonly append?: (a: readonly Expr[], b: readonly Expr[]) => readonly ExprLike[];
}

/** What operations on symbolic scalars accept: another one, or a JavaScript constant. */
export type ExprLike = Expr | number | boolean;

/** An input array that a kernel reads at computed positions. */
export interface BufferExpr {
  /** The element at `index`, in C order of the (contiguous) buffer. Positions outside it are undefined behaviour. */
  at(index: ExprLike): Expr;
}

/** Turns constants into expressions. */
export function toExpr(value: ExprLike): Expr {
  if (typeof value === "number") return { kind: "constant", value, boolean: false };
  if (typeof value === "boolean") return { kind: "constant", value: value ? 1 : 0, boolean: true };
  if (typeof value !== "object" || value === null || !("kind" in value)) {
    throw new KernelError(`a kernel computes with symbolic scalars and numbers, got ${String(value)}`);
  }
  return value;
}

/** The operands of an expression, in order. */
export function argsOf(expr: Expr): readonly Expr[] {
  return "args" in expr ? expr.args : [];
}
