// Beside the function that it is the gradient of.
export { sumTo } from "../array/broadcast-to.js";
