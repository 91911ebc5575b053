/** Conversions between float16 patterns and float32 as vector code, bit for bit those of `half.ts`. */
import type { FunctionBuilder, Local } from "../wasm/assembler.js";
import type { LocalPool } from "./locals.js";

const signBit = 0x8000;
/** Bits of infinity, as float16 and as float32. */
const halfInfinity = 0x7c00;
const floatInfinity = 0x7f800000;

/** Replaces four float16 patterns (in i32 lanes, high bits zero) by their float32 values. */
export function emitHalfToFloat(f: FunctionBuilder, pool: LocalPool): void {
  pool.scoped(() => {
    const half = pool.take("v128");
    const magnitude = pool.take("v128");
    f.tee(half).i32x4(0x7fff).op("v128.and").tee(magnitude);
    // The exponent is 112 too small; multiplying is right for subnormal numbers too.
    f.i32(13)
      .op("i32x4.shl")
      .f32x4(2 ** 112)
      .op("f32x4.mul");
    // Infinity and NaN.
    f.i32x4(floatInfinity);
    f.get(magnitude).i32x4(halfInfinity).op("i32x4.gt_s").i32x4(0x400000).op("v128.and").op("v128.or");
    f.get(magnitude)
      .i32x4(halfInfinity - 1)
      .op("i32x4.gt_s");
    emitSelectSecond(f, pool);
    // NaN has no sign.
    f.get(half).i32x4(signBit).op("v128.and").i32(16).op("i32x4.shl");
    f.get(magnitude)
      .i32x4(halfInfinity + 1)
      .op("i32x4.lt_s")
      .op("v128.and")
      .op("v128.or");
  });
}

/** Replaces four float32 numbers by the nearest float16 patterns, halves to even, in i32 lanes. */
export function emitFloatToHalf(f: FunctionBuilder, pool: LocalPool): void {
  pool.scoped(() => {
    const bits = pool.take("v128");
    const magnitude = pool.take("v128");
    f.tee(bits).i32x4(0x7fffffff).op("v128.and").set(magnitude);
    // Normal results: round the 13 low bits away, move the exponent; a carry goes where it belongs.
    f.get(magnitude).get(magnitude).i32(13).op("i32x4.shr_u").i32x4(1).op("v128.and").op("i32x4.add");
    f.i32x4(0xfff)
      .op("i32x4.add")
      .i32(13)
      .op("i32x4.shr_u")
      .i32x4(112 << 10)
      .op("i32x4.sub");
    f.i32x4(halfInfinity).op("i32x4.min_s");
    // Subnormal results: 0.5 has the right distance between neighbours, so that the addition rounds.
    f.get(magnitude).f32x4(0.5).op("f32x4.add").f32x4(0.5).op("i32x4.sub");
    f.get(magnitude)
      .f32x4(2 ** -14)
      .op("i32x4.lt_s");
    emitSelectSecond(f, pool);
    f.i32x4(0x7e00).get(magnitude).i32x4(floatInfinity).op("i32x4.gt_s");
    emitSelectSecond(f, pool);
    f.get(bits).i32(16).op("i32x4.shr_u").i32x4(signBit).op("v128.and").op("v128.or");
  });
}

/** From `a b mask` on the stack: b where the mask is set, else a. */
function emitSelectSecond(f: FunctionBuilder, pool: LocalPool): void {
  pool.scoped(() => {
    const mask: Local = pool.take("v128");
    const second: Local = pool.take("v128");
    const first: Local = pool.take("v128");
    f.set(mask).set(second).set(first).get(second).get(first).get(mask).op("v128.bitselect");
  });
}
