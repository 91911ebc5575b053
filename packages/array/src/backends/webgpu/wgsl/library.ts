/**
 * WGSL functions that shaders call; a shader carries those that it needs. `kernel_exp` is one that takes the place of the
 * kernel language's: within one unit in the last place, and cheaper, since subnormal results are 0.
 */
import { kernelFunctionSource } from "./kernel-functions-source.js";

/** `params[0]` holds the bits of infinity, NaN and -0, and a zero that compilers do not know to be one (for `opaque`). */
export const literalWords = [0x7f800000, 0x7fc00000, 0x80000000, 0] as const;

const source = `
fn infinity() -> f32 { return bitcast<f32>(params[0].x); }
fn not_a_number() -> f32 { return bitcast<f32>(params[0].y); }
fn negative_zero() -> f32 { return bitcast<f32>(params[0].z); }
fn opaque(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ params[0].w); }
fn relu(x: f32) -> f32 { return select(x, 0.0, x < 0.0); }
fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
fn nan_max(a: f32, b: f32) -> f32 { return select(select(max(a, b), b, is_nan(b)), a, is_nan(a)); }
fn nan_min(a: f32, b: f32) -> f32 { return select(select(min(a, b), b, is_nan(b)), a, is_nan(a)); }
fn float_to_int(x: f32) -> i32 {
  if (is_nan(x)) { return 0; }
  if (x >= 2147483648.0) { return 2147483647; }
  if (x <= -2147483648.0) { return i32(-2147483648); }
  return i32(x);
}
fn float_to_uint(x: f32) -> u32 {
  if (!(x > 0.0)) { return 0u; }
  if (x >= 4294967296.0) { return 4294967295u; }
  return u32(x);
}
fn uint_to_float(x: u32) -> f32 {
  // Both halves are exact, so there is one rounding; conversions of their own may round twice.
  return fma(f32(x >> 16u), 65536.0, f32(x & 0xffffu));
}
fn round_half(x: f32) -> f32 {
  if (is_nan(x) || abs(x) >= 65520.0) { return select(select(-infinity(), infinity(), x > 0.0), x, is_nan(x)); }
  return unpack2x16float(pack2x16float(vec2<f32>(x, 0.0))).x;
}
fn int_mod_i32(a: i32, b: i32) -> i32 { return select(a % select(b, 1, b == 0 || b == -1), 0, b == 0 || b == -1); }
fn int_mod_u32(a: u32, b: u32) -> u32 { return select(a % select(b, 1u, b == 0u), 0u, b == 0u); }
fn int_div_i32(a: i32, b: i32) -> i32 {
  if (b == 0) { return 0; }
  if (b == -1) { return -a; }
  return a / b;
}
fn int_div_u32(a: u32, b: u32) -> u32 { return select(a / select(b, 1u, b == 0u), 0u, b == 0u); }
fn int_pow(base: i32, exponent: i32) -> i32 {
  if (exponent < 0) {
    if (base == 1) { return 1; }
    if (base == -1) { return select(-1, 1, (exponent & 1) == 0); }
    return 0;
  }
  return bitcast<i32>(uint_pow(bitcast<u32>(base), u32(exponent)));
}
fn uint_pow(base: u32, exponent: u32) -> u32 {
  var result = 1u;
  var b = base;
  var e = exponent;
  loop {
    if (e == 0u) { break; }
    if ((e & 1u) == 1u) { result = result * b; }
    b = b * b;
    e = e >> 1u;
  }
  return result;
}
fn float_mod(a: f32, b: f32) -> f32 {
  // Exact: subtracts b·2^k while it fits, as long division does.
  let x = abs(a);
  let y = abs(b);
  if (is_nan(a) || is_nan(b) || y == 0.0 || x >= infinity()) { return not_a_number(); }
  if (x < y) { return a; }
  var rest = x;
  var k = i32(bitcast<u32>(x) >> 23u) - i32(max(bitcast<u32>(y) >> 23u, 1u));
  loop {
    if (k < 0) { break; }
    let part = ldexp(y, k);
    if (part <= rest) { rest = rest - part; }
    k = k - 1;
  }
  return bitcast<f32>(bitcast<u32>(rest) | (bitcast<u32>(a) & 0x80000000u));
}
fn half_bits(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let sign = (bits >> 16u) & 0x8000u;
  let magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) { return sign | 0x7e00u; }
  if (magnitude >= 0x477ff000u) { return sign | 0x7c00u; }
  if (magnitude < 0x38800000u) { return sign | u32(round(bitcast<f32>(magnitude) * 16777216.0)); }
  let rounded = magnitude + 0xfffu + ((magnitude >> 13u) & 1u);
  return sign | ((rounded - 0x38000000u) >> 13u);
}
fn kernel_exp(x: f32) -> f32 {
  // x = n ln 2 + r. Adding 1.5·2²³ rounds to a whole number, which is then in the lowest bits.
  let t = x * 1.44269504 + 12582912.0;
  let n = opaque(t) - 12582912.0;
  let r = (x - n * 0.693359375) + n * 0.000212194440;
  let p = (((0.00138145395 * r + 0.00836874545) * r + 0.041668389) * r + 0.166665211) * r + 0.49999994;
  let y = (r * r * p + r) + 1.0;
  let scaled = bitcast<f32>(bitcast<u32>(y) + (bitcast<u32>(t) << 23u));
  // The product is infinite, or NaN if x is.
  return select(x * 3e38, select(scaled, 0.0, x < -87.33654), x <= 88.722832);
}
fn to_half(x: f32) -> f16 { return bitcast<vec2<f16>>(half_bits(x)).x; }
fn four_halves(words: vec2<u32>) -> vec4<f32> {
  return vec4<f32>(unpack2x16float(words.x), unpack2x16float(words.y));
}
`;

const functions = new Map(
  source
    .trim()
    .split(/\n(?=fn )/)
    .map((text): [string, string] => [/fn (\w+)/.exec(text)?.[1] ?? "", text]),
);

/** The functions that `code` mentions, and those that they mention in turn. */
export function librarySource(code: string): string {
  const needed = new Map<string, string>();
  const visit = (text: string): void => {
    for (const [name] of text.matchAll(/\b[a-z]\w*(?=\()/g)) {
      if (needed.has(name)) continue;
      const found = functions.get(name) ?? kernelFunctionSource(name);
      if (found === undefined) continue;
      needed.set(name, found);
      visit(found);
    }
  };
  visit(code);
  return [...needed.values()].join("\n");
}
