import { array, type NdArray } from "@chain/array";
import { expectFloating, expectMinNdim, expectSameDtype, expectSameShape } from "../../type-check.js";
import { asArray, asVariable, type Variable, type VariableLike } from "../../variable.js";
import { reshape } from "../array/reshape.js";
import { swapaxes } from "../array/swapaxes.js";
import { add, mul, sub } from "./basic-math.js";
import { matmul } from "./matmul.js";

/** Real and imaginary parts. */
export type ComplexPair = readonly [real: VariableLike, imaginary: VariableLike];

type Complex = readonly [real: Variable, imaginary: Variable];

/**
 * Fourier transform along the last axis, `X[k] = Σ x[n] · e^(-2πikn/N)` (Chainer's `fft`), of an array given by its real
 * and imaginary parts; gives those of the result.
 *
 * @throws InvalidType unless both parts are floating, of one shape and dtype, with at least one axis.
 */
export function fft(x: ComplexPair): [Variable, Variable] {
  return [...transform("fft", x, -1)];
}

/** Inverse of {@link fft} (Chainer's `ifft`). */
export function ifft(x: ComplexPair): [Variable, Variable] {
  const [real, imaginary] = transform("ifft", x, 1);
  const length = real.shape.at(-1) ?? 1;
  return [mul(real, 1 / length), mul(imaginary, 1 / length)];
}

function transform(label: string, [real, imaginary]: ComplexPair, sign: 1 | -1): Complex {
  const [a, b] = [asArray(real), asArray(imaginary)];
  expectFloating(label, "real", a);
  expectMinNdim(label, "real", a, 1);
  expectSameDtype(label, "real", a, "imag", b);
  expectSameShape(label, "real", a, "imag", b);
  const length = a.shape.at(-1) as number;
  const parts: Complex = [asVariable(real), asVariable(imaginary)];
  return length === 0 ? parts : split(parts, length, sign);
}

/**
 * Cooley and Tukey's algorithm: for N = P·Q a transform of length P, twiddle factors, a transform of length Q. Transforms
 * of prime length are matrix products.
 */
function split(x: Complex, length: number, sign: 1 | -1): Complex {
  const factor = smallestFactor(length);
  if (length === factor) return product(x, waves(x[0], length, length, length, sign));
  const rest = length / factor;
  const batch = x[0].shape.slice(0, -1);
  // n = Q·p + q and k = j + P·m: over p first, for every q.
  const columns = map(x, (part) => swapaxes(reshape(part, [...batch, factor, rest]), -1, -2));
  const inner = product(columns, waves(x[0], factor, factor, factor, sign));
  const turned = multiply(inner, waves(x[0], rest, factor, length, sign));
  const outer = split(
    map(turned, (part) => swapaxes(part, -1, -2)),
    rest,
    sign,
  );
  return map(outer, (part) => reshape(swapaxes(part, -1, -2), [...batch, length]));
}

function map([real, imaginary]: Complex, change: (part: Variable) => Variable): Complex {
  return [change(real), change(imaginary)];
}

function multiply([a, b]: Complex, [c, d]: readonly [NdArray, NdArray]): Complex {
  return [sub(mul(a, c), mul(b, d)), add(mul(a, d), mul(b, c))];
}

function product([a, b]: Complex, [c, d]: readonly [NdArray, NdArray]): Complex {
  return [sub(matmul(a, c), matmul(b, d)), add(matmul(a, d), matmul(b, c))];
}

/** Real and imaginary parts of `e^(±2πi·row·column/period)`. */
function waves(
  { dtype, device }: Variable,
  rows: number,
  columns: number,
  period: number,
  sign: 1 | -1,
): [NdArray, NdArray] {
  const make = (part: (angle: number) => number): NdArray =>
    array(
      Float64Array.from({ length: rows * columns }, (_, k) => {
        const turns = (Math.floor(k / columns) * (k % columns)) % period;
        return part((sign * 2 * Math.PI * turns) / period);
      }),
      { dtype, device },
    ).reshape([rows, columns]);
  return [make(Math.cos), make(Math.sin)];
}

function smallestFactor(n: number): number {
  for (let f = 2; f * f <= n; f++) if (n % f === 0) return f;
  return n;
}
