/** gpu.js, as much of it as a backend needs: kernels on one-dimensional arrays of float32 that stay where they are made. */
import { DeviceError } from "@chain/array/backend";
import { gpuClass, type GpuJs, type Texture } from "./library.js";
import { helpers } from "./source/helpers.js";
import { nativeHelpers } from "./source/native.js";
import { functionSource } from "./source/writer.js";

/** Where gpu.js runs kernels: on a GPU through WebGL2, or on the CPU in WebAssembly or JavaScript. */
export type GpuMode = "webgl2" | "webasm" | "cpu";

/** Numbers where kernels reach them: a texture in WebGL2, else a typed array. */
export type Values = Float32Array<ArrayBuffer> | Texture;

/** A kernel of gpu.js: computes as many numbers as it is asked for, each by its position `this.thread.x`. */
export type Kernel = (size: number, arrays: readonly Values[], numbers: readonly number[]) => Values;

/** A kernel's source: the statements of a function of arrays and numbers that returns a number. */
export interface KernelSource {
  readonly arrays: readonly string[];
  readonly numbers: readonly string[];
  readonly body: readonly string[];
}

/** Loops end where the kernel says; gpu.js wants to know a limit. */
const mostIterations = 2 ** 30;

/** gpu.js in one mode, with the functions that generated kernels call. */
export class Gpu {
  readonly mode: GpuMode;
  private readonly gpu: GpuJs;
  private readonly copy: Kernel;

  /** @throws DeviceError if the mode is not to be had here */
  constructor(mode: GpuMode = bestMode()) {
    this.mode = mode;
    try {
      this.gpu = new (gpuClass())({ mode });
    } catch (error) {
      throw new DeviceError(
        `gpu.js has no mode "${mode}" here: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    for (const { source, argumentTypes, returnType } of helpers) {
      this.gpu.addFunction(source, { argumentTypes, returnType });
    }
    if (mode === "webgl2") {
      for (const { name, source, argumentTypes, returnType } of nativeHelpers()) {
        this.gpu.addNativeFunction(name, source, { argumentTypes, returnType });
      }
    }
    this.copy = this.kernel({ arrays: ["a"], numbers: [], body: ["return a[this.thread.x];"] }, "Array");
  }

  /** Whether values are typed arrays that the host reaches, too. */
  get onHost(): boolean {
    return this.mode !== "webgl2";
  }

  /** A kernel from JavaScript; gpu.js translates it when it is run for the first time. */
  kernel(source: KernelSource, arrayType = this.onHost ? "Array" : "ArrayTexture(1)"): Kernel {
    const { arrays, numbers } = source;
    const types = [...arrays.map((name) => [name, arrayType]), ...numbers.map((name) => [name, "Float"])];
    const run = this.gpu.createKernel(functionSource(source), {
      argumentTypes: Object.fromEntries(types) as object,
      output: [1],
      dynamicOutput: true,
      dynamicArguments: true,
      immutable: true,
      loopMaxIterations: mostIterations,
      pipeline: true,
      precision: "single",
      tactic: "precision",
    });
    return (size, values, scalars) => {
      run.setOutput([size]);
      return run(...values, ...scalars);
    };
  }

  /** Numbers from the host. */
  upload(numbers: Float32Array<ArrayBuffer>): Values {
    return this.onHost ? numbers : this.copy(numbers.length, [numbers], []);
  }

  /** Numbers for the host; it waits for a GPU. */
  download(values: Values): Float32Array<ArrayBuffer> {
    return values instanceof Float32Array ? values : values.toArray();
  }

  /** Gives up values; what is queued and needs them still finds them. */
  release(values: Values): void {
    if (!(values instanceof Float32Array)) values.delete();
  }

  /** Waits for everything that was started. */
  finish(): void {
    if (this.onHost) return;
    const one = this.upload(new Float32Array(1));
    this.download(one); // WebGL's own finish() returns at once
    this.release(one);
  }
}

/**
 * Browsers limit how many WebAssembly memories there are at a time, and gpu.js makes one for every kernel and size: it is for Node.
 */
function bestMode(): GpuMode {
  const { isWebGL2Supported, isWebAssemblySupported } = gpuClass();
  if (isWebGL2Supported) return "webgl2";
  return isWebAssemblySupported && typeof process !== "undefined" ? "webasm" : "cpu";
}
