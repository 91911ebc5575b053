import { array, ChainError, InvalidType, isFloating, ValueError, type NdArray, type Shape } from "@chain/array";
import { FunctionNode, type Gradients, type Variable, type VariableLike } from "@chain/autograd";

/** A kernel that `createKernel` of gpu.js made, as much of it as is used here. */
export interface UserKernel {
  (...args: never[]): unknown;
  setOutput(size: number[]): unknown;
  readonly output?: ArrayLike<number> | null;
  readonly dynamicOutput?: boolean;
}

/** Options of {@link kernelFunction}. */
export interface KernelFunctionOptions {
  /** What the function is called in messages and graphs: "kernelFunction". */
  readonly name?: string;
  /** The shape of the result for inputs of these shapes; that of the first input if absent. */
  readonly outputShape?: (...shapes: Shape[]) => Shape;
}

/**
 * A differentiable function out of kernels that were written for gpu.js.
 *
 * ```ts
 * const gpu = new GPU();
 * const dynamic = { output: [1], dynamicOutput: true, dynamicArguments: true };
 * const cube = kernelFunction(
 *   gpu.createKernel(function (x) { return x[this.thread.x] ** 3; }, dynamic),
 *   gpu.createKernel(function (x, gy) { return 3 * x[this.thread.x] ** 2 * gy[this.thread.x]; }, dynamic),
 * );
 * ```
 *
 * Inputs are given to kernels as numbers (0-d) and as arrays of one to three axes, indexed as gpu.js does: `x[z][y][x]`. Kernels whose
 * `dynamicOutput` is set are told the size of their output, others have to have the right one. Elements pass through the host, so
 * the arrays' device has to be one that can be read at once (not webgpu); results are float32 on that device.
 *
 * @param forward computes the result of the inputs
 * @param backward computes the gradient of the only input, or one each for every input (null: it has none), from the inputs and,
 *   after them, the gradient of the result
 * @throws InvalidType for inputs of more than three axes, or none that is an array of floats; ValueError for a kernel whose output has
 *   another size than it should; ChainError when a gradient of the gradient is asked for: of that the kernels know nothing
 */
export function kernelFunction(
  forward: UserKernel,
  backward: UserKernel | readonly (UserKernel | null)[],
  { name = "kernelFunction", outputShape = (first) => first ?? [] }: KernelFunctionOptions = {},
): (...inputs: VariableLike[]) => Variable {
  const kernels = { name, forward, backward: typeof backward === "function" ? [backward] : backward, outputShape };
  return (...inputs) => new KernelFunction(kernels).apply(inputs)[0] as Variable;
}

interface Kernels {
  readonly name: string;
  readonly forward: UserKernel;
  readonly backward: readonly (UserKernel | null)[];
  readonly outputShape: (...shapes: Shape[]) => Shape;
}

class KernelFunction extends FunctionNode {
  constructor(private readonly kernels: Kernels) {
    super();
  }

  override get label(): string {
    return this.kernels.name;
  }

  override checkTypeForward(inputs: readonly NdArray[]): void {
    const { name, backward } = this.kernels;
    if (inputs.length !== backward.length) {
      throw InvalidType.of(
        `${name} (forward)`,
        `an input for each of ${backward.length} gradients`,
        `${inputs.length}`,
      );
    }
    for (const { ndim, dtype } of inputs) {
      if (ndim > 3) throw InvalidType.of(`${name} (forward)`, "arrays of up to 3 axes", `${ndim}`);
      if (dtype === "float64") throw InvalidType.of(`${name} (forward)`, "dtypes that gpu.js has (float32)", dtype);
    }
  }

  override forward(inputs: readonly NdArray[]): NdArray[] {
    this.retainInputs([...inputs.keys()]);
    const { name, forward, outputShape } = this.kernels;
    return [run(name, forward, inputs, outputShape(...inputs.map(({ shape }) => shape)))];
  }

  override backward(indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const inputs = this.getRetainedInputs();
    return indexes.map((index) => {
      const kernel = this.kernels.backward[index] ?? null;
      if (kernel === null) return null;
      const [gradient] = new KernelGradient(`${this.label} (gradient)`, kernel, index).apply([...inputs, gy]);
      return gradient ?? null;
    });
  }
}

class KernelGradient extends FunctionNode {
  constructor(
    private readonly name: string,
    private readonly kernel: UserKernel,
    private readonly index: number,
  ) {
    super();
  }

  override get label(): string {
    return this.name;
  }

  override forward(inputs: readonly NdArray[]): NdArray[] {
    return [run(this.name, this.kernel, inputs, inputs[this.index]?.shape ?? [])];
  }

  override backward(): never {
    throw new ChainError(`${this.name}: a kernel of gpu.js has no gradient of its own`);
  }
}

/** Runs a kernel on the elements of arrays. */
function run(name: string, kernel: UserKernel, inputs: readonly NdArray[], shape: Shape): NdArray {
  const [first] = inputs;
  if (first === undefined || !inputs.some(({ dtype }) => isFloating(dtype))) {
    throw InvalidType.of(name, "at least one array of floats", "none");
  }
  setOutput(name, kernel, shape.length === 0 ? [1] : shape.toReversed());
  const result = kernel(...(inputs.map(argumentOf) as never[]));
  const elements = new Float32Array(shape.reduce((size, length) => size * length, 1));
  const count = flatten(result, elements, 0);
  if (count !== elements.length) {
    throw new ValueError(`${name}: the kernel gave ${count} numbers for the shape (${shape.join(", ")})`);
  }
  return array(elements, { device: first.device }).reshape(shape);
}

function setOutput(name: string, kernel: UserKernel, size: number[]): void {
  const own = kernel.output === undefined || kernel.output === null ? null : Array.from(kernel.output);
  if (own?.join() === size.join()) return;
  if (own !== null && kernel.dynamicOutput !== true) {
    throw new ValueError(
      `${name}: the kernel's output is [${own.join(", ")}], expected [${size.join(", ")}]; ` +
        "create it with dynamicOutput: true and dynamicArguments: true to have it follow the inputs",
    );
  }
  kernel.setOutput(size);
}

/** Nested lists of rows: of flat elements with sizes, gpu.js 2.24 mistakes the sizes on the CPU if they may change. */
function argumentOf(x: NdArray): unknown {
  const elements = Float32Array.from(x.dataSync());
  return x.ndim === 0 ? elements[0] : nested(elements, x.shape);
}

function nested(elements: Float32Array, [length = 0, ...rest]: Shape): unknown {
  if (rest.length === 0) return elements;
  const size = elements.length / length;
  return Array.from({ length }, (_, i) => nested(elements.subarray(i * size, (i + 1) * size), rest));
}

/** Copies nested arrays, as gpu.js gives them, or a texture. Returns where the next element goes. */
function flatten(result: unknown, into: Float32Array, start: number): number {
  if (result instanceof Float32Array) {
    if (start + result.length <= into.length) into.set(result, start);
    return start + result.length;
  }
  if (Array.isArray(result)) return result.reduce<number>((next, part) => flatten(part, into, next), start);
  if (typeof result === "object" && result !== null && "toArray" in result && typeof result.toArray === "function") {
    return flatten((result.toArray as () => unknown)(), into, start);
  }
  throw new ValueError(
    "a kernel of gpu.js gave no array: asynchronous and graphical kernels are no functions of arrays",
  );
}
