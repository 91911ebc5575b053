/** Special functions in float64, relative error of a few times 1e-16 where the result is not near a zero. */

const twoOverSqrtPi = 2 / Math.sqrt(Math.PI);

/** Error function. */
export function erf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  const a = Math.abs(x);
  if (a >= 6) return Math.sign(x);
  return a < 2 ? erfSeries(x) : Math.sign(x) * (1 - erfcFraction(a));
}

/** Complementary error function. */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x < 2) return x < -6 ? 2 : 1 - erf(x);
  return x > 27.3 ? 0 : erfcFraction(x);
}

/** Kummer's form of the series, all terms of one sign: no cancellation. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return twoOverSqrtPi * Math.exp(-x * x) * sum;
}

/** Laplace's continued fraction for x ≥ 2, evaluated backwards. */
function erfcFraction(x: number): number {
  let fraction = 0;
  for (let n = 120; n >= 1; n--) fraction = n / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}

/** Inverse of {@link erf}: ±Infinity at ±1, NaN outside. */
export function erfinv(y: number): number {
  if (!(Math.abs(y) <= 1)) return NaN;
  if (Math.abs(y) === 1) return y * Infinity;
  if (y === 0) return y;
  // Winitzki's approximation (relative error 2e-3), then Halley's method on erf or, in the tails, on log erfc.
  const a = 0.147;
  const l = Math.log1p(-y * y);
  const t = 2 / (Math.PI * a) + l / 2;
  let x = Math.sqrt(Math.sqrt(t * t - l / a) - t);
  const target = Math.abs(y);
  for (let i = 0; i < 4; i++) {
    const error = target < 0.9 ? erf(x) - target : 1 - target - erfc(x);
    const step = error / (twoOverSqrtPi * Math.exp(-x * x));
    x -= step / (1 + x * step);
  }
  return Math.sign(y) * x;
}

/** Coefficients B(2n) / (2n (2n - 1)) of Stirling's series. */
const stirling = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];

/** Logarithm of |Γ(x)|; Infinity at 0 and the negative integers. */
export function lgamma(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (Math.abs(x) === Infinity) return Infinity;
  if (x <= 0) {
    if (Number.isInteger(x)) return Infinity;
    return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * (x % 2)))) - lgamma(1 - x);
  }
  if (x === 1 || x === 2) return 0;
  let shift = 1;
  let z = x;
  for (; z < 12; z++) shift *= z;
  let sum = 0;
  const inverseSquare = 1 / (z * z);
  for (let i = stirling.length - 1; i >= 0; i--) sum = sum * inverseSquare + (stirling[i] as number);
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + sum / z - Math.log(shift);
}

/** Coefficients B(2n) / 2n of the asymptotic series of the digamma function. */
const digammaSeries = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12];

/** Derivative of the logarithm of Γ; NaN at 0 and the negative integers, as SciPy has it. */
export function digamma(x: number): number {
  if (x === 0) return -Infinity * Math.sign(1 / x);
  if (x < 0) {
    if (Number.isInteger(x) || x === -Infinity) return NaN;
    return digamma(1 - x) - Math.PI / Math.tan(Math.PI * (x % 1));
  }
  if (x === Infinity) return Infinity;
  let shift = 0;
  let z = x;
  for (; z < 12; z++) shift += 1 / z;
  const inverseSquare = 1 / (z * z);
  let sum = 0;
  for (let i = digammaSeries.length - 1; i >= 0; i--) sum = (sum + (digammaSeries[i] as number)) * inverseSquare;
  return Math.log(z) - 0.5 / z - sum - shift;
}
