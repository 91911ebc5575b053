export { createWebGpuBackend } from "./backend.js";
