export { forget, type ForgettableFunction } from "./forget.js";
