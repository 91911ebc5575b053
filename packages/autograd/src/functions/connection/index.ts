export { bilinear } from "./bilinear.js";
export { embedId, type EmbedIDOptions } from "./embed-id.js";
export { linear, type LinearOptions } from "./linear.js";
export { shift, type ShiftOptions } from "./shift.js";
