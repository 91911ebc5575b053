export { getItem } from "./get-item.js";
export type { Index, IndexList, Indices } from "./parse.js";
export { ellipsis, newaxis, slice, Slice } from "./slice.js";
