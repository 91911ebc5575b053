/** Random arrays and expressions for tests that compare backends. */
import { fc } from "../../../../../../testing/property.js";
import type { Backend } from "../../../../src/backend.js";
import { createCpuBackend } from "../../../../src/backends/cpu/index.js";
import { probeRelaxedSimd } from "../../../../src/backends/cpu/wasm/probe.js";
import { createJsBackend } from "../../../../src/backends/js/index.js";
import { fromElements } from "../../../../src/creation/from-host.js";
import { dtypes, type DType, type TypedArray } from "../../../../src/dtype.js";
import { elementaryExpansion } from "../../../../src/kernel/elementary.js";
import { elementwise, type Operand } from "../../../../src/kernel/index.js";
import { toExpr, type Expr } from "../../../../src/kernel/expr.js";
import * as ops from "../../../../src/kernel/ops.js";
import type { NdArray } from "../../../../src/ndarray.js";

export { double, startThreads, triple } from "../several-threads.js";

export const single = createCpuBackend({ threads: 1 });
export const unshared = createCpuBackend({ threads: 1, shared: false });

/** Plain JavaScript for the same programs: functions are expanded where the CPU backend expands them. */
export const oracle: Backend = {
  ...createJsBackend(),
  name: "oracle",
  isNative: (op, type) => single.isNative(op, type),
  expansions: elementaryExpansion,
};

/** An array as data: the same one can be made on several backends. */
export interface ArraySpec {
  readonly dtype: DType;
  readonly elements: readonly number[];
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

export function make({ dtype, elements, shape, strides, offset }: ArraySpec, backend: Backend): NdArray {
  return fromElements(elements, dtype, [elements.length], backend).view(shape, strides, offset);
}

/** A contiguous array. */
export function contiguous(dtype: DType, elements: readonly number[], shape = [elements.length]): ArraySpec {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  return { dtype, elements, shape, strides, offset: 0 };
}

/** Lengths around those of vectors and unrolled loops. */
export const length: fc.Arbitrary<number> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33) },
  fc.integer({ min: 1, max: 70 }),
);

const specials = [0, -0, 1, -1, 0.5, -2.5, 1.5, 3, -3, NaN, Infinity, -Infinity, 1e-40, 6e-5, 70000, -1e30, 3e9];

export function element(dtype: DType): fc.Arbitrary<number> {
  switch (dtype) {
    case "bool":
      return fc.integer({ min: 0, max: 1 });
    case "uint8":
      return fc.integer({ min: 0, max: 255 });
    case "int32":
      return fc.oneof(fc.integer({ min: -9, max: 9 }), fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1));
    case "uint32":
      return fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
    default:
      return fc.oneof(fc.float({ min: -8, max: 8, noNaN: true }), fc.constantFrom(...specials));
  }
}

/** How an operand lies along one axis of the common shape. */
const along = fc.constantFrom("plain", "plain", "plain", "broadcast", "reversed", "every other");

/** An array of `shape` in any layout that stores every element in a place of its own. */
export function target(shape: readonly number[], dtype: DType): fc.Arbitrary<ArraySpec> {
  return operand(shape, dtype).filter((spec) => spec.shape.every((n, i) => n === shape[i]));
}

/** An operand that broadcasts to `shape`. */
export function operand(shape: readonly number[], dtype: DType, plain = false): fc.Arbitrary<ArraySpec> {
  const modes = fc.tuple(...shape.map(() => (plain ? fc.constant("plain" as const) : along)));
  const order = plain
    ? fc.constant(shape.map((_, i) => i))
    : fc.shuffledSubarray(
        shape.map((_, i) => i),
        { minLength: shape.length },
      );
  return fc
    .tuple(modes, order, fc.integer({ min: 0, max: 5 }), fc.array(element(dtype), { minLength: 8, maxLength: 40 }))
    .map(([kinds, memoryOrder, lead, pool]): ArraySpec => {
      const own = shape.map((n, i) => (kinds[i] === "broadcast" ? 1 : n));
      const strides = new Array<number>(shape.length).fill(0);
      let extent = 1;
      let offset = plain ? 0 : lead;
      for (const axis of [...memoryOrder].reverse()) {
        const n = own[axis] as number;
        const step = kinds[axis] === "every other" ? 2 : 1;
        strides[axis] = extent * step * (kinds[axis] === "reversed" ? -1 : 1);
        if (kinds[axis] === "reversed") offset += (n - 1) * extent;
        extent *= n * step;
      }
      const count = extent + (plain ? 0 : lead);
      const elements = Array.from({ length: count }, (_, i) => pool[(i * 7 + (i >> 3)) % pool.length] as number);
      return { dtype, elements, shape: own, strides, offset };
    });
}

/** A tree of operations over inputs. */
export type Tree =
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "position" }
  | { readonly kind: "cast"; readonly dtype: DType; readonly args: readonly Tree[] }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Tree[] };

const arithmetic = ["add", "sub", "mul", "max", "min", "fmod"];
const arithmetic1 = ["neg", "abs"];
/** Polynomials, which are computed with fused multiply-adds where the engine has them; plain JavaScript has none. */
const fused = new Set(probeRelaxedSimd() ? ["exp", "log", "tanh", "sin", "cbrt", "pow", "atan2"] : []);
const unfused = (names: readonly string[]): string[] => names.filter((name) => !fused.has(name));
const floating1 = unfused(["sqrt", "floor", "ceil", "trunc", "rint", "exp", "log", "tanh", "sin", "cbrt", "lgamma"]);
const floating2 = unfused(["div", "pow", "atan2"]);
const integer = ["idiv", "ipow", "bitAnd", "bitOr", "bitXor", "shl", "shr"];
const comparisons = ["lt", "le", "gt", "ge", "eq", "ne"];
const logical = ["logicalAnd", "logicalOr"];

/** Random expressions over `inputs` operands; `exact` leaves out functions that are not correctly rounded. */
export function tree(
  inputs: number,
  options: { readonly position?: boolean; readonly dtypes?: readonly DType[] } = {},
): fc.Arbitrary<Tree> {
  const call = (names: readonly string[], ...args: fc.Arbitrary<Tree>[]): fc.Arbitrary<Tree> =>
    fc.record({ kind: fc.constant("call" as const), name: fc.constantFrom(...names), args: fc.tuple(...args) });
  const targets = options.dtypes ?? dtypes;
  return fc.letrec<{ tree: Tree }>((tie) => {
    const t = tie("tree");
    return {
      tree: fc.oneof(
        { maxDepth: 4, depthSize: "small" },
        {
          weight: 4,
          arbitrary: fc.record({ kind: fc.constant("input" as const), index: fc.integer({ min: 0, max: inputs - 1 }) }),
        },
        {
          weight: 1,
          arbitrary: fc.record({
            kind: fc.constant("number" as const),
            value: fc.constantFrom(0, 1, 2, -1, 0.5, 3, 1e6),
          }),
        },
        ...(options.position === true ? [{ weight: 1, arbitrary: fc.constant<Tree>({ kind: "position" }) }] : []),
        { weight: 6, arbitrary: call(arithmetic, t, t) },
        { weight: 2, arbitrary: call(arithmetic1, t) },
        { weight: 2, arbitrary: call(floating1, t) },
        { weight: 1, arbitrary: call(floating2, t, t) },
        { weight: 2, arbitrary: call(integer, t, t) },
        { weight: 1, arbitrary: call(["bitNot"], t) },
        { weight: 2, arbitrary: call(comparisons, t, t) },
        { weight: 1, arbitrary: call(logical, t, t) },
        { weight: 1, arbitrary: call(["logicalNot"], t) },
        { weight: 2, arbitrary: call(["where"], t, t, t) },
        {
          weight: 2,
          arbitrary: fc.record({
            kind: fc.constant("cast" as const),
            dtype: fc.constantFrom(...targets),
            args: fc.tuple(t),
          }),
        },
      ),
    };
  }).tree;
}

type Call = (...args: Expr[]) => Expr;

/** The kernel language's expression of a tree; operands get the types that an operation wants. */
export function build(root: Tree, inputs: readonly Expr[], types: readonly DType[]): Expr {
  const isBool = (t: Tree): boolean => {
    switch (t.kind) {
      case "input":
        return types[t.index] === "bool";
      case "cast":
        return t.dtype === "bool";
      case "call":
        if (t.name === "where") return isBool(t.args[1] as Tree) && isBool(t.args[2] as Tree);
        return comparisons.includes(t.name) || logical.includes(t.name) || t.name === "logicalNot";
      default:
        return false;
    }
  };
  const visit = (t: Tree): Expr => {
    switch (t.kind) {
      case "input":
        return inputs[t.index] as Expr;
      case "number":
        return toExpr(t.value);
      case "position":
        return ops.index;
      case "cast":
        return ops.cast(visit(t.args[0] as Tree), t.dtype);
      case "call": {
        const args = t.args.map((arg) =>
          isBool(arg) && !logical.includes(t.name) ? ops.cast(visit(arg), "int32") : visit(arg),
        );
        const call = (ops as unknown as Record<string, Call>)[t.name] as Call;
        if (integer.includes(t.name) || t.name === "bitNot") {
          return call(...args.map((arg, i) => ops.cast(arg, i === 0 && t.name === "shr" ? "uint32" : "int32")));
        }
        return call(...args);
      }
    }
  };
  return visit(root);
}

/** Whether two arrays hold the same bits; quicker than `toEqual` for many elements. */
export function sameBits(a: NdArray, b: NdArray): boolean {
  const [x, y] = [a.dataSync(), b.dataSync()].map(
    (data) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
  if (x === undefined || y === undefined || x.length !== y.length) return false;
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false;
  return true;
}

/** As {@link bits}, but zeros have no sign. */
export function unsignedZeros(array: NdArray): TypedArray {
  return bits(array).map((value) => (value === 0 ? 0 : value));
}

/** Elements for comparison: NaN is NaN, whatever its bits; everything else to the bit. */
export function bits(array: NdArray): TypedArray {
  const data = array.dataSync();
  if (data instanceof Float32Array || data instanceof Float64Array) {
    for (let i = 0; i < data.length; i++) if (Number.isNaN(data[i])) data[i] = NaN;
  }
  return data;
}

/** An elementwise kernel with a number of operands that is known only now. */
export interface AnyKernel {
  (...operands: Operand[]): NdArray[];
  into(out: readonly NdArray[], ...operands: Operand[]): void;
  print(...operands: Operand[]): string;
}

/** Defines an elementwise kernel of `count` operands. */
export function kernelOf(count: number, body: (inputs: Expr[]) => Expr[]): AnyKernel {
  const bodies = [
    (a: Expr) => body([a]),
    (a: Expr, b: Expr) => body([a, b]),
    (a: Expr, b: Expr, c: Expr) => body([a, b, c]),
    (a: Expr, b: Expr, c: Expr, d: Expr) => body([a, b, c, d]),
  ];
  return elementwise("random", bodies[count - 1] as never) as unknown as AnyKernel;
}
