export { broadcast, broadcastTo } from "./broadcast-to.js";
export { getItem, scatterAdd } from "./get-item.js";
export { reshape } from "./reshape.js";
export { transpose, type TransposeAxes } from "./transpose.js";
