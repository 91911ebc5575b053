export { array, asarray } from "./array.js";
export { arange } from "./arange.js";
export type { ArrayLikeValue, ArrayOptions } from "./from-host.js";
export { empty, emptyLike, full, fullLike, ones, onesLike, zeros, zerosLike, type LikeOptions } from "./zeros.js";
