import { add, div, elementwise, max, min, mul, sqrt, square, sub, type Expr } from "@chain/array/kernel";

const names = ["alphaT", "oneMinusBeta1", "oneMinusBeta2", "eps", "eta", "decay"] as const;
const boundedNames = [...names, "lower", "upper"] as const;

/** The step of Adam without its bound: both averages moved on, and the factor of `m`. */
function moments(g: Expr, m: Expr, v: Expr, s: { readonly oneMinusBeta1: Expr; readonly oneMinusBeta2: Expr }) {
  return {
    m: add(m, mul(s.oneMinusBeta1, sub(g, m))),
    v: add(v, mul(s.oneMinusBeta2, sub(square(g), v))),
  };
}

function rate(v: Expr, s: { readonly alphaT: Expr; readonly eps: Expr }): Expr {
  return div(s.alphaT, add(sqrt(v), s.eps));
}

function applied(p: Expr, step: Expr, m: Expr, s: { readonly eta: Expr; readonly decay: Expr }): Expr {
  return sub(p, mul(s.eta, add(mul(step, m), mul(s.decay, p))));
}

/** Adam. */
export const adam = elementwise("adam", { scalars: names }, (p, g, m, v, s) => {
  const next = moments(g, m, v, s);
  return [applied(p, rate(next.v, s), next.m, s), next.m, next.v];
});

/** Adam with the largest second moment so far. */
export const amsgrad = elementwise("amsgrad", { scalars: names }, (p, g, m, v, vhat, s) => {
  const next = moments(g, m, v, s);
  const nextHat = max(vhat, next.v);
  return [applied(p, rate(nextHat, s), next.m, s), next.m, next.v, nextHat];
});

/** Adam with bounds of the rate. */
export const adabound = elementwise("adabound", { scalars: boundedNames }, (p, g, m, v, s) => {
  const next = moments(g, m, v, s);
  const step = max(s.lower, min(s.upper, rate(next.v, s)));
  return [applied(p, step, next.m, s), next.m, next.v];
});

/** AMSGrad with bounds of the rate. */
export const amsbound = elementwise("amsbound", { scalars: boundedNames }, (p, g, m, v, vhat, s) => {
  const next = moments(g, m, v, s);
  const nextHat = max(vhat, next.v);
  const step = max(s.lower, min(s.upper, rate(nextHat, s)));
  return [applied(p, step, next.m, s), next.m, next.v, nextHat];
});
