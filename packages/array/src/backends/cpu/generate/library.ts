/** Functions that generated code calls for what has no instruction: imported ones, and helpers in the module itself. */
import { digamma, erf, erfc, erfinv, lgamma } from "../../../kernel/special.js";
import type { Node } from "../../../kernel/program.js";
import type { OpName } from "../../../kernel/ops-table.js";
import type { Callable, FunctionBuilder, Local, ModuleBuilder, ValueType } from "../wasm/assembler.js";
import { isFloat, operandType } from "./nodes.js";
import { Unsupported } from "./unsupported.js";

/** Functions of `Math`, which every thread has. */
const mathNames = new Set<string>(
  "exp expm1 log log1p log2 log10 sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh cbrt atan2 pow".split(
    " ",
  ),
);

/** Functions of this package: only the thread that loads it has them. */
export const specialFunctions = { erf, erfc, erfinv, lgamma, digamma } as const;

/** Whether an operation on floats is computed by a function outside the module, in float64. */
export function isImported(op: OpName): boolean {
  return mathNames.has(op) || Object.hasOwn(specialFunctions, op);
}

/** Callable functions of one module. */
export class Library {
  /** Whether the module needs {@link specialFunctions} as the import module `special`. */
  readonly usesSpecial: boolean = false;
  readonly #imports = new Map<OpName, Callable>();
  readonly #helpers = new Map<string, FunctionBuilder>();

  /** Declares what `nodes` need. Imports come first in a module, so this is made before any of its functions. */
  constructor(
    private readonly module: ModuleBuilder,
    nodes: Iterable<Node>,
  ) {
    for (const node of nodes) {
      if (node.kind !== "op" || !isFloat(operandType(node)) || !isImported(node.op) || this.#imports.has(node.op))
        continue;
      const from = mathNames.has(node.op) ? "Math" : "special";
      if (from === "special") this.usesSpecial = true;
      const params: ValueType[] = node.args.map(() => "f64");
      this.#imports.set(node.op, module.importFunction(from, node.op, { params, results: ["f64"] }));
    }
  }

  /** The float64 function of an operation that {@link isImported}. */
  imported(op: OpName): Callable {
    const found = this.#imports.get(op);
    if (found === undefined) throw new Unsupported(`operation ${op} was not announced`);
    return op === "pow" ? this.#power(found) : found;
  }

  /** Floating remainder with the sign of the dividend, exact. */
  remainder(type: "f32" | "f64"): Callable {
    return this.#helper(`fmod_${type}`, [type, type], type, (f, x, y) => {
      const r = f.local(type);
      const step = f.local(type);
      const number = (value: number): void => void (type === "f32" ? f.f32(value) : f.f64(value));
      f.get(x).op(`${type}.abs`).set(r);
      f.get(y).op(`${type}.abs`).tee(step);
      // NaN where the divisor is 0 or NaN, or the dividend is infinite or NaN; otherwise `step` is |y|.
      number(0);
      f.op(`${type}.gt`).get(r);
      number(Infinity);
      f.op(`${type}.lt`).op("i32.and").op("i32.eqz");
      f.if(() => {
        number(NaN);
        f.op("return");
      });
      f.get(y).op(`${type}.abs`).set(y);
      // Doubling and halving are exact, and so is the difference of numbers within a factor of two.
      f.block((done) => {
        f.loop((next) => {
          f.get(step).get(r);
          number(0.5);
          f.op(`${type}.mul`).op(`${type}.le`).op("i32.eqz").brIf(done);
          f.get(step).get(step).op(`${type}.add`).set(step).br(next);
        });
      });
      f.block((done) => {
        f.loop((next) => {
          f.get(step)
            .get(r)
            .op(`${type}.le`)
            .if(() => f.get(r).get(step).op(`${type}.sub`).set(r));
          f.get(step).get(y).op(`${type}.le`).brIf(done);
          f.get(step);
          number(0.5);
          f.op(`${type}.mul`).set(step).br(next);
        });
      });
      f.get(r).get(x).op(`${type}.copysign`);
    });
  }

  /** Quotient of 32-bit integers towards zero; by 0 it is 0, and it wraps. */
  quotient(unsigned: boolean): Callable {
    return this.#division("idiv", unsigned, (f, x) => f.i32(0).get(x).op("i32.sub"));
  }

  /** Remainder of 32-bit integers with the dividend's sign; by 0 it is 0. */
  integerRemainder(unsigned: boolean): Callable {
    return this.#division("irem", unsigned, (f) => f.i32(0));
  }

  /** Wrapping power of integers, see `ipow` in the reference. A uint32 exponent has no sign. */
  integerPower(unsigned: boolean): Callable {
    return this.#helper(`ipow_${unsigned ? "u" : "s"}`, ["i32", "i32"], "i32", (f, base, exponent) => {
      const result = f.local("i32");
      if (!unsigned) {
        f.get(exponent).i32(0).op("i32.lt_s");
        f.if(() => {
          // 1 for 1, ±1 for -1, else 0.
          f.i32(1);
          f.i32(1).get(exponent).i32(1).op("i32.and").i32(1).op("i32.shl").op("i32.sub");
          f.i32(0).get(base).i32(-1).op("i32.eq").op("select");
          f.get(base).i32(1).op("i32.eq").op("select");
          f.op("return");
        });
      }
      f.i32(1).set(result);
      f.block((done) => {
        f.loop((next) => {
          f.get(exponent).op("i32.eqz").brIf(done);
          f.get(exponent).i32(1).op("i32.and");
          f.if(() => f.get(result).get(base).op("i32.mul").set(result));
          f.get(base).get(base).op("i32.mul").set(base);
          f.get(exponent).i32(1).op("i32.shr_u").set(exponent).br(next);
        });
      });
      f.get(result);
    });
  }

  /** C's power from JavaScript's: 1 to any power and -1 to an infinite one give 1. */
  #power(javaScript: Callable): Callable {
    return this.#helper("pow_c", ["f64", "f64"], "f64", (f, base, exponent) => {
      f.get(base).f64(1).op("f64.eq");
      f.get(base).f64(-1).op("f64.eq");
      f.get(exponent).op("f64.abs").f64(Infinity).op("f64.eq").op("i32.and").op("i32.or");
      f.if(
        () => f.f64(1),
        () => f.get(base).get(exponent).call(javaScript),
        "f64",
      );
    });
  }

  #division(name: "idiv" | "irem", unsigned: boolean, byMinusOne: (f: FunctionBuilder, x: Local) => void): Callable {
    return this.#helper(`${name}_${unsigned ? "u" : "s"}`, ["i32", "i32"], "i32", (f, x, y) => {
      f.get(y)
        .op("i32.eqz")
        .if(() => f.i32(0).op("return"));
      if (!unsigned) {
        f.get(y).i32(-1).op("i32.eq");
        f.if(() => {
          byMinusOne(f, x);
          f.op("return");
        });
      }
      f.get(x).get(y);
      if (name === "idiv") f.op(unsigned ? "i32.div_u" : "i32.div_s");
      else f.op(unsigned ? "i32.rem_u" : "i32.rem_s");
    });
  }

  #helper(
    name: string,
    params: readonly [ValueType, ValueType],
    result: ValueType,
    body: (f: FunctionBuilder, a: Local, b: Local) => void,
  ): FunctionBuilder {
    let helper = this.#helpers.get(name);
    if (helper === undefined) {
      helper = this.module.function(name, { params, results: [result] }, false);
      this.#helpers.set(name, helper);
      body(helper, helper.param(0), helper.param(1));
    }
    return helper;
  }
}
