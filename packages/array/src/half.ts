/** Conversion between float16 bit patterns and numbers. */

const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

/** The number that a float16 bit pattern stands for. */
export function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The float16 bit pattern nearest to a number, halves to even; too large becomes infinite. */
export function numberToHalf(value: number): number {
  floats[0] = value;
  const word = bits[0] as number;
  const sign = (word >>> 16) & 0x8000;
  if (Number.isNaN(value)) return sign | 0x7e00;
  const magnitude = Math.abs(value);
  if (magnitude >= 65520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundHalfEven(magnitude * 2 ** 24);
  const exponent = Math.min(15, Math.floor(Math.log2(magnitude)));
  const scale = magnitude < 2 ** exponent ? exponent - 1 : exponent;
  const fraction = roundHalfEven((magnitude / 2 ** scale - 1) * 1024);
  return sign | (((scale + 15) << 10) + fraction);
}

/** Rounds a number to the nearest float16 value. */
export function roundToHalf(value: number): number {
  return halfToNumber(numberToHalf(value));
}

function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
