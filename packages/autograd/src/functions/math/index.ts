export { absolute, add, div, floordiv, mul, neg, pow, square, sub } from "./basic-math.js";
export { batchMatmul, matmul, type MatmulOptions } from "./matmul.js";
export { sum, type ReductionOptions } from "./sum.js";
export { sumTo } from "./sum-to.js";
