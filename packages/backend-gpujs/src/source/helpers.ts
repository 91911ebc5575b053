/** Functions in JavaScript that kernels call and that gpu.js translates for every mode. */

interface Helper {
  readonly source: string;
  readonly argumentTypes: Readonly<Record<string, string>>;
  readonly returnType: string;
}

function helper(source: string): Helper {
  const [, list = ""] = /\(([^)]*)\)/.exec(source) ?? [];
  const names = list.split(", ");
  return { source, argumentTypes: Object.fromEntries(names.map((name) => [name, "Float"])), returnType: "Float" };
}

/** Integers are floats in kernels, exact up to 2^24; quotients of them are made good for divisions that are not exact. */
export const helpers: readonly Helper[] = [
  helper(`function quotient(a, b) {
    let q = Math.floor(a / b);
    const rest = a - q * b;
    if (rest < 0) q = q - 1;
    if (rest >= b) q = q + 1;
    return q;
  }`),
  helper(`function integerQuotient(a, b) {
    let q = 0;
    if (b !== 0) {
      q = quotient(Math.abs(a), Math.abs(b));
      if (a < 0) q = -q;
      if (b < 0) q = -q;
    }
    return q;
  }`),
  helper(`function integerRest(a, b) {
    let rest = 0;
    if (b !== 0) rest = a - integerQuotient(a, b) * b;
    return rest;
  }`),
  helper(`function halfToEven(x) {
    let low = Math.floor(x);
    const rest = x - low;
    if (rest > 0.5) low = low + 1;
    if (rest === 0.5) low = 2 * Math.floor((low + 1) / 2);
    return low;
  }`),
];
