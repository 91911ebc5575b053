/**
 * WebAssembly's instructions by their text names, as far as kernels have a use for them: what else there is (saturating and
 * pairwise arithmetic on small integers, …) would be carried by every program. Names that take the same kind of immediate share a table, so that each builder method accepts exactly the
 * instructions it can encode.
 *
 * A code above 0xff is a prefixed instruction: its byte above the low 16 bits is the prefix, the low 16 bits the
 * sub-opcode (`0xfd00e4` is prefix 0xfd, sub-opcode 0xe4).
 */

/** The words of a text. */
type Words<S extends string> = S extends `${infer First} ${infer Rest}` ? First | Words<Rest> : S;

/** Numbers consecutive instructions, starting at `first`: what their names begin with, and how they go on. */
function run<const P extends string, const N extends string>(
  first: number,
  prefix: P,
  names: N,
): Readonly<Record<`${P}${Words<N>}`, number>> {
  return Object.fromEntries(names.split(" ").map((name, i) => [prefix + name, first + i])) as Record<
    `${P}${Words<N>}`,
    number
  >;
}

/** Instructions without immediates. */
export const PLAIN_OPCODES = {
  ...run(0x00, "", "unreachable nop"),
  ...run(0x0f, "", "return"),
  ...run(0x1a, "", "drop select"),
  ...run(0x45, "i32.", "eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u"),
  ...run(0x50, "i64.", "eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u"),
  ...run(0x5b, "f32.", "eq ne lt gt le ge"),
  ...run(0x61, "f64.", "eq ne lt gt le ge"),
  ...run(0x67, "i32.", "clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr"),
  ...run(0x7c, "i64.", "add sub mul"),
  ...run(0x83, "i64.", "and or xor shl shr_s shr_u"),
  ...run(0x8b, "f32.", "abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign"),
  ...run(0x99, "f64.", "abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign"),
  ...run(0xa7, "i32.", "wrap_i64 trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u"),
  ...run(0xac, "i64.", "extend_i32_s extend_i32_u trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u"),
  ...run(0xb2, "f32.", "convert_i32_s convert_i32_u convert_i64_s convert_i64_u demote_f64"),
  ...run(0xb7, "f64.", "convert_i32_s convert_i32_u convert_i64_s convert_i64_u promote_f32"),
  ...run(0xbc, "i32.", "reinterpret_f32"),
  ...run(0xbd, "i64.", "reinterpret_f64"),
  ...run(0xbe, "f32.", "reinterpret_i32"),
  ...run(0xbf, "f64.", "reinterpret_i64"),
  ...run(0xc0, "i32.", "extend8_s extend16_s"),
  ...run(0xc2, "i64.", "extend8_s extend16_s extend32_s"),
  ...run(0xfc0000, "i32.", "trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u"),
  ...run(0xfc0004, "i64.", "trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u"),

  ...run(0xfd000e, "i8x16.", "swizzle splat"),
  ...run(0xfd0010, "i16x8.", "splat"),
  ...run(0xfd0011, "i32x4.", "splat"),
  ...run(0xfd0012, "i64x2.", "splat"),
  ...run(0xfd0013, "f32x4.", "splat"),
  ...run(0xfd0014, "f64x2.", "splat"),
  ...run(0xfd0023, "i8x16.", "eq ne"),
  ...run(0xfd002d, "i16x8.", "eq ne"),
  ...run(0xfd0037, "i32x4.", "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u"),
  ...run(0xfd0041, "f32x4.", "eq ne lt gt le ge"),
  ...run(0xfd0047, "f64x2.", "eq ne lt gt le ge"),
  ...run(0xfd004d, "v128.", "not and andnot or xor bitselect any_true"),
  ...run(0xfd005e, "f32x4.", "demote_f64x2_zero"),
  ...run(0xfd005f, "f64x2.", "promote_low_f32x4"),
  ...run(0xfd0060, "i8x16.", "abs neg"),
  ...run(0xfd0067, "f32x4.", "ceil floor trunc nearest"),
  ...run(0xfd006b, "i8x16.", "shl shr_s shr_u add"),
  ...run(0xfd0071, "i8x16.", "sub"),
  ...run(0xfd0074, "f64x2.", "ceil floor"),
  ...run(0xfd007a, "f64x2.", "trunc"),
  ...run(0xfd0080, "i16x8.", "abs neg"),
  ...run(0xfd0089, "i16x8.", "extend_low_i8x16_u"),
  ...run(0xfd008b, "i16x8.", "shl shr_s shr_u add"),
  ...run(0xfd0091, "i16x8.", "sub"),
  ...run(0xfd0094, "f64x2.", "nearest"),
  ...run(0xfd0095, "i16x8.", "mul"),
  ...run(0xfd00a0, "i32x4.", "abs neg"),
  ...run(0xfd00a3, "i32x4.", "all_true bitmask"),
  ...run(0xfd00a9, "i32x4.", "extend_low_i16x8_u"),
  ...run(0xfd00ab, "i32x4.", "shl shr_s shr_u add"),
  ...run(0xfd00b1, "i32x4.", "sub"),
  ...run(0xfd00b5, "i32x4.", "mul min_s min_u max_s max_u"),
  ...run(0xfd00c0, "i64x2.", "abs neg"),
  ...run(0xfd00cb, "i64x2.", "shl shr_s shr_u add"),
  ...run(0xfd00d1, "i64x2.", "sub"),
  ...run(0xfd00d5, "i64x2.", "mul eq ne lt_s gt_s le_s ge_s"),
  ...run(0xfd00e0, "f32x4.", "abs neg"),
  ...run(0xfd00e3, "f32x4.", "sqrt add sub mul div min max pmin pmax"),
  ...run(0xfd00ec, "f64x2.", "abs neg"),
  ...run(0xfd00ef, "f64x2.", "sqrt add sub mul div min max pmin pmax"),
  ...run(0xfd00f8, "i32x4.", "trunc_sat_f32x4_s trunc_sat_f32x4_u"),
  ...run(0xfd00fa, "f32x4.", "convert_i32x4_s convert_i32x4_u"),
  ...run(0xfd00fc, "i32x4.", "trunc_sat_f64x2_s_zero trunc_sat_f64x2_u_zero"),
  ...run(0xfd00fe, "f64x2.", "convert_low_i32x4_s convert_low_i32x4_u"),

  // Relaxed SIMD: only where `probeRelaxedSimd()` says that the engine has it.
  ...run(0xfd0109, "i8x16.", "relaxed_laneselect"),
  ...run(0xfd010a, "i16x8.", "relaxed_laneselect"),
  ...run(0xfd010b, "i32x4.", "relaxed_laneselect"),
  ...run(0xfd0105, "f32x4.", "relaxed_madd relaxed_nmadd"),
  ...run(0xfd0107, "f64x2.", "relaxed_madd relaxed_nmadd"),
} as const;

/** Instructions followed by one or two memory indices, which are always zero here. */
export const MEMORY_OPCODES = {
  ...run(0x3f, "memory.", "size grow"),
  ...run(0xfc000a, "memory.", "copy fill"),
} as const;

/** Instructions that read memory: address on the stack, alignment and constant offset as immediates. */
export const LOAD_OPCODES = {
  ...run(0x28, "i32.", "load"),
  ...run(0x29, "i64.", "load"),
  ...run(0x2a, "f32.", "load"),
  ...run(0x2b, "f64.", "load"),
  ...run(0x2c, "i32.", "load8_s load8_u load16_s load16_u"),
  ...run(0xfd0000, "v128.", "load"),
  ...run(0xfd0004, "v128.", "load16x4_u"),
  ...run(0xfd0009, "v128.", "load32_splat load64_splat"),
  ...run(0xfd005c, "v128.", "load32_zero"),
} as const;

/** Instructions that write memory. */
export const STORE_OPCODES = {
  ...run(0x36, "i32.", "store"),
  ...run(0x37, "i64.", "store"),
  ...run(0x38, "f32.", "store"),
  ...run(0x39, "f64.", "store"),
  ...run(0x3a, "i32.", "store8 store16"),
  ...run(0xfd000b, "v128.", "store"),
} as const;

/** Loads and stores of one vector lane: a memory immediate and a lane index. */
export const MEMORY_LANE_OPCODES = {
  ...run(0xfd0054, "v128.", "load8_lane load16_lane load32_lane load64_lane"),
  ...run(0xfd0058, "v128.", "store8_lane store16_lane store32_lane store64_lane"),
} as const;

/** Instructions with a lane index. */
export const LANE_OPCODES = {
  ...run(0xfd0017, "i8x16.", "replace_lane"),
  ...run(0xfd001a, "i16x8.", "replace_lane"),
  ...run(0xfd001b, "i32x4.", "extract_lane replace_lane"),
  ...run(0xfd001d, "i64x2.", "extract_lane replace_lane"),
  ...run(0xfd001f, "f32x4.", "extract_lane replace_lane"),
  ...run(0xfd0021, "f64x2.", "extract_lane replace_lane"),
} as const;

/** Instructions that the builder writes through methods of their own: control, variables, constants, shuffle. */
export const STRUCTURE_OPCODES = {
  ...run(0x02, "", "block loop if else"),
  ...run(0x0b, "", "end br br_if br_table"),
  ...run(0x10, "", "call"),
  ...run(0x20, "local.", "get set tee"),
  ...run(0x41, "i32.", "const"),
  ...run(0x42, "i64.", "const"),
  ...run(0x43, "f32.", "const"),
  ...run(0x44, "f64.", "const"),
  ...run(0xfd000c, "v128.", "const"),
  ...run(0xfd000d, "i8x16.", "shuffle"),
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
