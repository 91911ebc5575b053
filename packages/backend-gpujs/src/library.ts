/** gpu.js itself: what this package uses of it, with types that say no more. */
import * as exported from "gpu.js";
import type { Values } from "./gpu.js";

/** What this package uses of gpu.js's textures. */
export interface Texture {
  readonly texture: WebGLTexture;
  toArray(): Float32Array<ArrayBuffer>;
  delete(): void;
}

/** A kernel of gpu.js. */
export type GpuKernel = ((...args: readonly (Values | number)[]) => Values) & {
  setOutput(size: readonly number[]): unknown;
};

/** An instance of its class `GPU`. */
export interface GpuJs {
  readonly mode: string;
  createKernel(source: string, settings: object): GpuKernel;
  addFunction(source: string, settings: object): unknown;
  addNativeFunction(name: string, source: string, settings: object): unknown;
  destroy(): Promise<void>;
}

/** Its class `GPU`. */
export interface GpuJsClass {
  new (settings: object): GpuJs;
  readonly isWebGL2Supported: boolean;
  readonly isWebAssemblySupported: boolean;
}

/** In Node the class is a property of what the package exports, in its build for browsers it is the export itself. */
export function gpuClass(): GpuJsClass {
  return library().GPU;
}

interface Library {
  readonly GPU: GpuJsClass;
}

function library(): Library {
  const found = exported as unknown as Partial<Library> & { readonly default?: Library };
  return found.GPU === undefined ? (found.default as Library) : (found as Library);
}
