export * from "./dot.js";
export { matmul, type ProductOptions } from "./matmul.js";
export { matmulInto, type MatmulOptions } from "./matmul-into.js";
export * from "./tensordot.js";
