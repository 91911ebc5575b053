export * from "./cholesky.js";
export * from "./dot.js";
export * from "./einsum.js";
export { matmul, type ProductOptions } from "./matmul.js";
export { matmulInto, type MatmulOptions } from "./matmul-into.js";
export * from "./norm.js";
export * from "./products.js";
export * from "./solve.js";
export { tensordot, type PairedAxes, type TensordotOptions } from "./tensordot.js";
