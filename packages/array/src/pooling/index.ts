export { putIntoWindows, windowMaxima, type WindowMaxima } from "./window-maxima.js";
