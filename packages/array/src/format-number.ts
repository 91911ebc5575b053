/** Numbers as NumPy prints them in an array: as few digits as tell them apart, columns aligned at the point. */
import type { DType } from "./dtype.js";
import { roundToHalf } from "./half.js";

/** Digits after the point at most. */
const maxPrecision = 8;

/** Formats one element. */
export type ElementFormat = (value: number) => string;

/** The format that all of `values`, elements of a `dtype`, are printed in. */
export function formatFor(values: ArrayLike<number>, dtype: DType): ElementFormat {
  switch (dtype) {
    case "bool":
      return (value) => (value === 0 ? "False" : " True");
    case "uint8":
    case "int32":
    case "uint32": {
      const width = Array.from(values, (value) => String(value).length).reduce((a, b) => Math.max(a, b), 0);
      return (value) => String(value).padStart(width);
    }
    case "float16":
    case "float32":
    case "float64":
      return floatFormat(Array.from(values), dtype);
  }
}

/** A single number as Python prints it: `1.0`, `1e-05`. */
export function formatScalar(value: number, dtype: DType): string {
  if (dtype === "bool") return value === 0 ? "False" : "True";
  if (!Number.isFinite(value)) return nonFinite(value);
  if (dtype !== "float16" && dtype !== "float32" && dtype !== "float64") return String(value);
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-4 || size >= 1e16)) {
    const { mantissa, exponent } = scientific(value, dtype, Infinity);
    return `${mantissa.replace(/\.$/, "")}e${exponentText(exponent, 2)}`;
  }
  return positional(value, dtype, Infinity).replace(/\.$/, ".0");
}

function floatFormat(values: readonly number[], dtype: DType): ElementFormat {
  const finite = values.filter(Number.isFinite);
  const sizes = finite.map(Math.abs).filter((size) => size !== 0);
  const largest = sizes.reduce((a, b) => Math.max(a, b), 0);
  const smallest = sizes.reduce((a, b) => Math.min(a, b), Infinity);
  const exponential = sizes.length > 0 && (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1000);
  const { left, right, text } = exponential ? exponentColumns(finite, dtype) : positionalColumns(finite, dtype);
  const special = values.filter((value) => !Number.isFinite(value)).map((value) => nonFinite(value).length);
  const width = special.reduce((a, b) => Math.max(a, b), left + right + 1);
  return (value) => (Number.isFinite(value) ? text(value) : nonFinite(value)).padStart(width);
}

interface Columns {
  /** Characters before and after the point. */
  readonly left: number;
  readonly right: number;
  readonly text: ElementFormat;
}

function positionalColumns(values: readonly number[], dtype: DType): Columns {
  const parts = values.map((value) => positional(value, dtype, maxPrecision).split(".") as [string, string]);
  const left = longest(parts.map(([whole]) => whole));
  const right = longest(parts.map(([, fraction]) => fraction));
  return {
    left,
    right,
    text: (value) => {
      const [whole, fraction] = positional(value, dtype, maxPrecision).split(".") as [string, string];
      return `${whole.padStart(left)}.${fraction.padEnd(right)}`;
    },
  };
}

function exponentColumns(values: readonly number[], dtype: DType): Columns {
  const all = values.map((value) => scientific(value, dtype, maxPrecision));
  const parts = all.map(({ mantissa }) => mantissa.split(".") as [string, string]);
  const left = longest(parts.map(([whole]) => whole));
  const precision = longest(parts.map(([, fraction]) => fraction));
  const digits = Math.max(2, longest(all.map(({ exponent }) => String(Math.abs(exponent)))));
  return {
    left,
    right: precision + digits + 2,
    // Columns are filled with further digits of the number, not with zeros.
    text: (value) => {
      const [mantissa, exponent] = value.toExponential(precision).split("e") as [string, string];
      const [whole, fraction = ""] = (Object.is(value, -0) ? `-${mantissa}` : mantissa).split(".") as [string, string?];
      return `${whole.padStart(left)}.${fraction}e${exponentText(Number(exponent), digits)}`;
    },
  };
}

/** `whole.fraction` with as few digits as identify the value, at most `precision` after the point, no zeros at the end. */
function positional(value: number, dtype: DType, precision: number): string {
  const { mantissa, exponent } = scientific(value, dtype, Infinity);
  const [first, rest] = mantissa.split(".") as [string, string];
  if (rest.length - exponent > precision) return trimZeros(value.toFixed(precision));
  const sign = first.startsWith("-") ? "-" : "";
  const digits = first.slice(sign.length) + rest;
  if (exponent < 0) return trimZeros(`${sign}0.${"0".repeat(-exponent - 1)}${digits}`);
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return trimZeros(`${sign}${whole}.${digits.slice(exponent + 1)}`);
}

/** `d.ddd` and the power of ten, with as few digits as identify the value, at most `precision` after the point. */
function scientific(value: number, dtype: DType, precision: number): { mantissa: string; exponent: number } {
  const shortest = shortestExponential(value, dtype);
  const cut = (shortest.split("e")[0] as string).length - (value < 0 ? 3 : 2) > precision;
  const [mantissa, exponent] = (cut ? value.toExponential(precision) : shortest).split("e") as [string, string];
  const signed = Object.is(value, -0) ? `-${mantissa}` : mantissa;
  return { mantissa: trimZeros(signed.includes(".") ? signed : `${signed}.`), exponent: Number(exponent) };
}

/** The shortest decimal that rounds to `value` in its dtype. */
function shortestExponential(value: number, dtype: DType): string {
  if (dtype !== "float64") {
    const round = dtype === "float16" ? roundToHalf : Math.fround;
    for (let digits = 0; digits < 9; digits++) {
      const text = value.toExponential(digits);
      if (round(Number(text)) === value) return text;
    }
  }
  return value.toExponential();
}

function exponentText(exponent: number, digits: number): string {
  return `${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(digits, "0")}`;
}

function nonFinite(value: number): string {
  if (Number.isNaN(value)) return "nan";
  return value < 0 ? "-inf" : "inf";
}

function trimZeros(text: string): string {
  return text.replace(/0+$/, "");
}

function longest(texts: readonly string[]): number {
  return texts.reduce((length, text) => Math.max(length, text.length), 0);
}
