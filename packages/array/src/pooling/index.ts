export { putIntoWindows, windowMaxima, type WindowMaxima } from "./window-maxima.js";
export { spreadOverWindows, windowSums } from "./window-sums.js";
