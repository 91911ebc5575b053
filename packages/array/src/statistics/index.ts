export * from "./average.js";
export * from "./correlation.js";
export * from "./histogram.js";
export * from "./interp.js";
export * from "./quantile.js";
