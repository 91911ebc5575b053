import type { FunctionBuilder, Local, LoadOpcode, PlainOpcode } from "../wasm/assembler.js";

/** Element types that matrix products are computed in. `uint32` wraps as `int32` does, but is its own maximum with zero. */
export type GemmDtype = "float32" | "float64" | "int32" | "uint32";

/** How a vector of one element type is worked on. */
export interface Lanes {
  /** Bytes of an element. */
  readonly bytes: 4 | 8;
  /** Elements in a vector. */
  readonly count: 4 | 2;
  /** Loads one element into every lane. */
  readonly loadSplat: LoadOpcode;
  /** Loads one element as a scalar, whatever its type. */
  readonly loadScalar: LoadOpcode;
  readonly storeScalar: "i32.store" | "i64.store";
  readonly add: PlainOpcode;
  readonly mul: PlainOpcode;
  /** Fused multiply-add of the top three vectors (a · b + c), where there is one to use. */
  readonly madd?: PlainOpcode;
  /** Greater of two vectors; propagates NaN. */
  readonly max?: PlainOpcode;
}

/** Vector operations of a type. `fused` says whether the engine has relaxed SIMD's multiply-add. */
export function lanesOf(dtype: GemmDtype, fused: boolean): Lanes {
  const word = { bytes: 4, count: 4, loadSplat: "v128.load32_splat", loadScalar: "i32.load" } as const;
  const long = { bytes: 8, count: 2, loadSplat: "v128.load64_splat", loadScalar: "i64.load" } as const;
  switch (dtype) {
    case "float32":
      return {
        ...word,
        storeScalar: "i32.store",
        add: "f32x4.add",
        mul: "f32x4.mul",
        max: "f32x4.max",
        ...(fused ? { madd: "f32x4.relaxed_madd" } : {}),
      };
    case "float64":
      return {
        ...long,
        storeScalar: "i64.store",
        add: "f64x2.add",
        mul: "f64x2.mul",
        max: "f64x2.max",
        ...(fused ? { madd: "f64x2.relaxed_madd" } : {}),
      };
    case "int32":
      return { ...word, storeScalar: "i32.store", add: "i32x4.add", mul: "i32x4.mul", max: "i32x4.max_s" };
    case "uint32":
      return { ...word, storeScalar: "i32.store", add: "i32x4.add", mul: "i32x4.mul" };
  }
}

/** `accumulator += a · b`, where `a` and `b` push a vector each. */
export function emitMultiplyAdd(
  f: FunctionBuilder,
  lanes: Lanes,
  accumulator: Local,
  a: () => void,
  b: () => void,
): void {
  if (lanes.madd !== undefined) {
    a();
    b();
    f.get(accumulator).op(lanes.madd);
  } else {
    f.get(accumulator);
    a();
    b();
    f.op(lanes.mul).op(lanes.add);
  }
  f.set(accumulator);
}
