/**
 * WebAssembly's instructions by their text names, as far as kernels have a use for them: what else there is (saturating and
 * pairwise arithmetic on small integers, …) would be carried by every program. Names that take the same kind of immediate share a table, so that each builder method accepts exactly the
 * instructions it can encode.
 *
 * A code above 0xff is a prefixed instruction: its byte above the low 16 bits is the prefix, the low 16 bits the
 * sub-opcode (`0xfd00e4` is prefix 0xfd, sub-opcode 0xe4).
 */

/** Numbers consecutive instructions, starting at `first`. */
function run<const N extends string>(first: number, ...names: N[]): Readonly<Record<N, number>> {
  return Object.fromEntries(names.map((name, i) => [name, first + i])) as Record<N, number>;
}

/** Instructions without immediates. */
export const PLAIN_OPCODES = {
  ...run(0x00, "unreachable", "nop"),
  ...run(0x0f, "return"),
  ...run(0x1a, "drop", "select"),
  ...run(0x45, "i32.eqz", "i32.eq", "i32.ne", "i32.lt_s", "i32.lt_u", "i32.gt_s", "i32.gt_u", "i32.le_s"),
  ...run(0x4d, "i32.le_u", "i32.ge_s", "i32.ge_u"),
  ...run(0x50, "i64.eqz", "i64.eq", "i64.ne", "i64.lt_s", "i64.lt_u", "i64.gt_s", "i64.gt_u", "i64.le_s"),
  ...run(0x58, "i64.le_u", "i64.ge_s", "i64.ge_u"),
  ...run(0x5b, "f32.eq", "f32.ne", "f32.lt", "f32.gt", "f32.le", "f32.ge"),
  ...run(0x61, "f64.eq", "f64.ne", "f64.lt", "f64.gt", "f64.le", "f64.ge"),
  ...run(0x67, "i32.clz", "i32.ctz", "i32.popcnt", "i32.add", "i32.sub", "i32.mul", "i32.div_s", "i32.div_u"),
  ...run(0x6f, "i32.rem_s", "i32.rem_u", "i32.and", "i32.or", "i32.xor", "i32.shl", "i32.shr_s", "i32.shr_u"),
  ...run(0x77, "i32.rotl", "i32.rotr"),
  ...run(0x7c, "i64.add", "i64.sub", "i64.mul"),
  ...run(0x83, "i64.and", "i64.or", "i64.xor", "i64.shl", "i64.shr_s", "i64.shr_u"),
  ...run(0x8b, "f32.abs", "f32.neg", "f32.ceil", "f32.floor", "f32.trunc", "f32.nearest", "f32.sqrt", "f32.add"),
  ...run(0x93, "f32.sub", "f32.mul", "f32.div", "f32.min", "f32.max", "f32.copysign"),
  ...run(0x99, "f64.abs", "f64.neg", "f64.ceil", "f64.floor", "f64.trunc", "f64.nearest", "f64.sqrt", "f64.add"),
  ...run(0xa1, "f64.sub", "f64.mul", "f64.div", "f64.min", "f64.max", "f64.copysign"),
  ...run(0xa7, "i32.wrap_i64", "i32.trunc_f32_s", "i32.trunc_f32_u", "i32.trunc_f64_s", "i32.trunc_f64_u"),
  ...run(0xac, "i64.extend_i32_s", "i64.extend_i32_u"),
  ...run(0xae, "i64.trunc_f32_s", "i64.trunc_f32_u", "i64.trunc_f64_s", "i64.trunc_f64_u"),
  ...run(0xb2, "f32.convert_i32_s", "f32.convert_i32_u", "f32.convert_i64_s", "f32.convert_i64_u", "f32.demote_f64"),
  ...run(0xb7, "f64.convert_i32_s", "f64.convert_i32_u", "f64.convert_i64_s", "f64.convert_i64_u", "f64.promote_f32"),
  ...run(0xbc, "i32.reinterpret_f32", "i64.reinterpret_f64", "f32.reinterpret_i32", "f64.reinterpret_i64"),
  ...run(0xc0, "i32.extend8_s", "i32.extend16_s", "i64.extend8_s", "i64.extend16_s", "i64.extend32_s"),
  ...run(0xfc0000, "i32.trunc_sat_f32_s", "i32.trunc_sat_f32_u", "i32.trunc_sat_f64_s", "i32.trunc_sat_f64_u"),
  ...run(0xfc0004, "i64.trunc_sat_f32_s", "i64.trunc_sat_f32_u", "i64.trunc_sat_f64_s", "i64.trunc_sat_f64_u"),

  ...run(0xfd000e, "i8x16.swizzle"),
  ...run(0xfd000f, "i8x16.splat", "i16x8.splat", "i32x4.splat", "i64x2.splat", "f32x4.splat", "f64x2.splat"),
  ...run(0xfd0023, "i8x16.eq", "i8x16.ne"),
  ...run(0xfd002d, "i16x8.eq", "i16x8.ne"),
  ...run(0xfd0037, "i32x4.eq", "i32x4.ne", "i32x4.lt_s", "i32x4.lt_u", "i32x4.gt_s", "i32x4.gt_u", "i32x4.le_s"),
  ...run(0xfd003e, "i32x4.le_u", "i32x4.ge_s", "i32x4.ge_u"),
  ...run(0xfd0041, "f32x4.eq", "f32x4.ne", "f32x4.lt", "f32x4.gt", "f32x4.le", "f32x4.ge"),
  ...run(0xfd0047, "f64x2.eq", "f64x2.ne", "f64x2.lt", "f64x2.gt", "f64x2.le", "f64x2.ge"),
  ...run(0xfd004d, "v128.not", "v128.and", "v128.andnot", "v128.or", "v128.xor", "v128.bitselect", "v128.any_true"),
  ...run(0xfd005e, "f32x4.demote_f64x2_zero", "f64x2.promote_low_f32x4"),
  ...run(0xfd0060, "i8x16.abs", "i8x16.neg"),
  ...run(0xfd0067, "f32x4.ceil", "f32x4.floor", "f32x4.trunc", "f32x4.nearest"),
  ...run(0xfd006b, "i8x16.shl", "i8x16.shr_s", "i8x16.shr_u", "i8x16.add"),
  ...run(0xfd0071, "i8x16.sub"),
  ...run(0xfd0074, "f64x2.ceil", "f64x2.floor"),
  ...run(0xfd007a, "f64x2.trunc"),
  ...run(0xfd0080, "i16x8.abs", "i16x8.neg"),
  ...run(0xfd0089, "i16x8.extend_low_i8x16_u"),
  ...run(0xfd008b, "i16x8.shl", "i16x8.shr_s", "i16x8.shr_u", "i16x8.add"),
  ...run(0xfd0091, "i16x8.sub"),
  ...run(0xfd0094, "f64x2.nearest", "i16x8.mul"),
  ...run(0xfd00a0, "i32x4.abs", "i32x4.neg"),
  ...run(0xfd00a3, "i32x4.all_true", "i32x4.bitmask"),
  ...run(0xfd00a9, "i32x4.extend_low_i16x8_u"),
  ...run(0xfd00ab, "i32x4.shl", "i32x4.shr_s", "i32x4.shr_u", "i32x4.add"),
  ...run(0xfd00b1, "i32x4.sub"),
  ...run(0xfd00b5, "i32x4.mul", "i32x4.min_s", "i32x4.min_u", "i32x4.max_s", "i32x4.max_u"),
  ...run(0xfd00c0, "i64x2.abs", "i64x2.neg"),
  ...run(0xfd00cb, "i64x2.shl", "i64x2.shr_s", "i64x2.shr_u", "i64x2.add"),
  ...run(0xfd00d1, "i64x2.sub"),
  ...run(0xfd00d5, "i64x2.mul", "i64x2.eq", "i64x2.ne", "i64x2.lt_s", "i64x2.gt_s", "i64x2.le_s", "i64x2.ge_s"),
  ...run(0xfd00e0, "f32x4.abs", "f32x4.neg"),
  ...run(0xfd00e3, "f32x4.sqrt", "f32x4.add", "f32x4.sub", "f32x4.mul", "f32x4.div", "f32x4.min", "f32x4.max"),
  ...run(0xfd00ea, "f32x4.pmin", "f32x4.pmax"),
  ...run(0xfd00ec, "f64x2.abs", "f64x2.neg"),
  ...run(0xfd00ef, "f64x2.sqrt", "f64x2.add", "f64x2.sub", "f64x2.mul", "f64x2.div", "f64x2.min", "f64x2.max"),
  ...run(0xfd00f6, "f64x2.pmin", "f64x2.pmax"),
  ...run(0xfd00f8, "i32x4.trunc_sat_f32x4_s", "i32x4.trunc_sat_f32x4_u"),
  ...run(0xfd00fa, "f32x4.convert_i32x4_s", "f32x4.convert_i32x4_u"),
  ...run(0xfd00fc, "i32x4.trunc_sat_f64x2_s_zero", "i32x4.trunc_sat_f64x2_u_zero"),
  ...run(0xfd00fe, "f64x2.convert_low_i32x4_s", "f64x2.convert_low_i32x4_u"),

  // Relaxed SIMD: only where `probeRelaxedSimd()` says that the engine has it.
  ...run(0xfd0109, "i8x16.relaxed_laneselect", "i16x8.relaxed_laneselect", "i32x4.relaxed_laneselect"),
  ...run(0xfd0105, "f32x4.relaxed_madd", "f32x4.relaxed_nmadd", "f64x2.relaxed_madd", "f64x2.relaxed_nmadd"),
} as const;

/** Instructions followed by one or two memory indices, which are always zero here. */
export const MEMORY_OPCODES = {
  ...run(0x3f, "memory.size", "memory.grow"),
  ...run(0xfc000a, "memory.copy", "memory.fill"),
} as const;

/** Instructions that read memory: address on the stack, alignment and constant offset as immediates. */
export const LOAD_OPCODES = {
  ...run(0x28, "i32.load", "i64.load", "f32.load", "f64.load"),
  ...run(0x2c, "i32.load8_s", "i32.load8_u", "i32.load16_s", "i32.load16_u"),
  ...run(0xfd0000, "v128.load"),
  ...run(0xfd0004, "v128.load16x4_u"),
  ...run(0xfd0009, "v128.load32_splat", "v128.load64_splat"),
  ...run(0xfd005c, "v128.load32_zero"),
} as const;

/** Instructions that write memory. */
export const STORE_OPCODES = {
  ...run(0x36, "i32.store", "i64.store", "f32.store", "f64.store"),
  ...run(0x3a, "i32.store8", "i32.store16"),
  ...run(0xfd000b, "v128.store"),
} as const;

/** Loads and stores of one vector lane: a memory immediate and a lane index. */
export const MEMORY_LANE_OPCODES = {
  ...run(0xfd0054, "v128.load8_lane", "v128.load16_lane", "v128.load32_lane", "v128.load64_lane"),
  ...run(0xfd0058, "v128.store8_lane", "v128.store16_lane", "v128.store32_lane", "v128.store64_lane"),
} as const;

/** Instructions with a lane index. */
export const LANE_OPCODES = {
  ...run(0xfd0017, "i8x16.replace_lane"),
  ...run(0xfd001a, "i16x8.replace_lane"),
  ...run(0xfd001b, "i32x4.extract_lane", "i32x4.replace_lane", "i64x2.extract_lane", "i64x2.replace_lane"),
  ...run(0xfd001f, "f32x4.extract_lane", "f32x4.replace_lane", "f64x2.extract_lane", "f64x2.replace_lane"),
} as const;

/** Instructions that the builder writes through methods of their own: control, variables, constants, shuffle. */
export const STRUCTURE_OPCODES = {
  ...run(0x02, "block", "loop", "if", "else"),
  ...run(0x0b, "end", "br", "br_if", "br_table"),
  ...run(0x10, "call"),
  ...run(0x20, "local.get", "local.set", "local.tee"),
  ...run(0x41, "i32.const", "i64.const", "f32.const", "f64.const"),
  ...run(0xfd000c, "v128.const", "i8x16.shuffle"),
} as const;

export type PlainOpcode = keyof typeof PLAIN_OPCODES;
export type MemoryOpcode = keyof typeof MEMORY_OPCODES;
export type LoadOpcode = keyof typeof LOAD_OPCODES;
export type StoreOpcode = keyof typeof STORE_OPCODES;
export type MemoryLaneOpcode = keyof typeof MEMORY_LANE_OPCODES;
export type LaneOpcode = keyof typeof LANE_OPCODES;
export type StructureOpcode = keyof typeof STRUCTURE_OPCODES;

/** log2 of the bytes that a load or store touches: the largest alignment its immediate may declare. */
export function accessSizeLog2(name: LoadOpcode | StoreOpcode | MemoryLaneOpcode): number {
  if (name === "v128.load" || name === "v128.store") return 4;
  const pairs = /(\d+)x(\d+)/.exec(name);
  if (pairs) return 3; // load8x8, load16x4, load32x2
  const width = /(?:load|store)(\d+)/.exec(name)?.[1] ?? name.slice(1, 3);
  return Math.log2(Number(width) / 8);
}

/** Lanes of the vector shape that a lane instruction works on: `f32x4.…` has 4, `v128.load8_lane` 16. */
export function laneCount(name: LaneOpcode | MemoryLaneOpcode): number {
  const shape = /x(\d+)\./.exec(name)?.[1];
  if (shape !== undefined) return Number(shape);
  return 128 / Number(/(?:load|store)(\d+)_lane/.exec(name)?.[1]);
}
