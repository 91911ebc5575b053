import type { ConvolutionGeometry } from "@chain/array";
import type { Layout, Windows } from "./descriptors.js";
import { OneDnnError, type Handle } from "./functions.js";
import { operandsOf, roles, type OneDnn, type Operands, type Role } from "./library.js";

/** What is computed: a convolution, or its gradient by the input or by the weights. */
export type Direction = "forward" | "gradInput" | "gradWeight";

/** Everything that a plan depends on. */
export interface Convolution {
  readonly direction: Direction;
  /** Shapes of the input, the weights and the output, whichever of them is computed. */
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly y: readonly number[];
  readonly bias: boolean;
  readonly geometry: ConvolutionGeometry;
}

/** An operand as the operation takes it, and where it comes from. */
interface Operand {
  readonly role: Role;
  /** In the layout that the operation wants. */
  readonly memory: Handle;
  /** The copy from our layout, or into it; null where the operation works on the array itself. */
  readonly reorder: Reorder | null;
}

interface Reorder {
  readonly primitive: Handle;
  readonly operands: Operands;
  /** The operand in our layout. */
  readonly rows: Handle;
  /** Where in the scratch memory the other layout goes. */
  readonly scratchOffset: number;
}

/** Products below this many are done by one thread: handing work to another takes as long. */
const PARALLEL_PRODUCTS = 4e6;

const ALIGNMENT = 64;

/**
 * A convolution of fixed shapes, ready to run. oneDNN computes on layouts of its own, with the channels in blocks of a vector's
 * length: arrays are copied into them and out of them, in scratch memory of `scratchBytes` that the caller lends for a run.
 */
export class ConvolutionPlan {
  readonly #library: OneDnn;
  readonly #threads: number;
  readonly #primitive: Handle;
  readonly #operands: Operands;
  readonly #inputs: readonly Operand[];
  readonly #output: Operand;
  readonly #scratchpad: { readonly memory: Handle; readonly offset: number } | null;
  readonly scratchBytes: number;

  /** The plan of a convolution, or null where the library has no code for it that is worth it. */
  static make(library: OneDnn, convolution: Convolution): ConvolutionPlan | null {
    if (convolution.geometry.pad.some((width) => width < 0)) return null;
    const threads = productsOf(convolution) < PARALLEL_PRODUCTS ? 1 : library.threads;
    library.useThreads(threads);
    try {
      const description = describe(library, convolution);
      try {
        // Its reference code is there to be compared with.
        if (library.implementation(description).startsWith("ref")) return null;
        return new ConvolutionPlan(library, convolution, description, threads);
      } finally {
        library.releaseDescription(description);
      }
    } catch (error) {
      if (error instanceof OneDnnError && error.unsupported) return null;
      throw error;
    } finally {
      library.descriptors.releaseLayouts();
    }
  }

  private constructor(library: OneDnn, convolution: Convolution, description: Handle, threads: number) {
    this.#library = library;
    this.#threads = threads;
    let scratch = 0;
    const take = (layout: Layout): number => {
      const offset = scratch;
      scratch += Math.ceil(library.bytesOf(layout) / ALIGNMENT) * ALIGNMENT;
      return offset;
    };
    const operandOf = (role: Role, shape: readonly number[], isOutput: boolean): Operand => {
      const wanted = library.layoutOf(description, role);
      const rows = library.rows(shape);
      const memory = library.memory(wanted);
      if (library.equal(rows, wanted)) return { role, memory, reorder: null };
      return { role, memory, reorder: reorderOf(library, rows, wanted, memory, isOutput, take(wanted)) };
    };
    const { inputs, output } = operandShapes(convolution);
    this.#inputs = inputs.map(([role, shape]) => operandOf(role, shape, false));
    this.#output = operandOf(...output, true);
    const scratchpad = library.layoutOf(description, roles.scratchpad);
    this.#scratchpad =
      library.bytesOf(scratchpad) === 0 ? null : { memory: library.memory(scratchpad), offset: take(scratchpad) };
    this.scratchBytes = scratch === 0 ? 0 : scratch + ALIGNMENT;
    this.#operands = operandsOf([
      ...[...this.#inputs, this.#output].map(({ role, memory }) => [role, memory] as const),
      ...(this.#scratchpad === null ? [] : [[roles.scratchpad, this.#scratchpad.memory] as const]),
    ]);
    this.#primitive = library.primitive(description);
  }

  /**
   * Computes it.
   *
   * @param inputs - Addresses of the operands, in the order of `Routines`; a bias comes last.
   * @param output - Address of the result.
   * @param scratch - Address of `scratchBytes` bytes.
   */
  run(inputs: readonly number[], output: number, scratch: number): void {
    const library = this.#library;
    const start = Math.ceil(scratch / ALIGNMENT) * ALIGNMENT;
    library.useThreads(this.#threads);
    this.#inputs.forEach((operand, i) => {
      this.#place(operand, inputs[i] as number, start);
      if (operand.reorder !== null) library.execute(operand.reorder.primitive, operand.reorder.operands);
    });
    this.#place(this.#output, output, start);
    if (this.#scratchpad !== null) library.place(this.#scratchpad.memory, start + this.#scratchpad.offset);
    library.execute(this.#primitive, this.#operands);
    const { reorder } = this.#output;
    if (reorder !== null) library.execute(reorder.primitive, reorder.operands);
  }

  /** Gives everything back; it cannot run again. */
  release(): void {
    const library = this.#library;
    for (const { memory, reorder } of [...this.#inputs, this.#output]) {
      library.releaseMemory(memory);
      if (reorder === null) continue;
      library.releaseMemory(reorder.rows);
      library.releasePrimitive(reorder.primitive);
    }
    if (this.#scratchpad !== null) library.releaseMemory(this.#scratchpad.memory);
    library.releasePrimitive(this.#primitive);
  }

  #place({ memory, reorder }: Operand, address: number, scratch: number): void {
    if (reorder === null) {
      this.#library.place(memory, address);
    } else {
      this.#library.place(reorder.rows, address);
      this.#library.place(memory, scratch + reorder.scratchOffset);
    }
  }
}

function reorderOf(
  library: OneDnn,
  rowsLayout: Layout,
  wanted: Layout,
  memory: Handle,
  isOutput: boolean,
  scratchOffset: number,
): Reorder {
  const description = isOutput ? library.reorder(wanted, rowsLayout) : library.reorder(rowsLayout, wanted);
  const rows = library.memory(rowsLayout);
  const [from, to] = isOutput ? [memory, rows] : [rows, memory];
  const operands = operandsOf([
    [roles.source, from],
    [roles.destination, to],
  ]);
  const primitive = library.primitive(description);
  library.releaseDescription(description);
  return { primitive, operands, rows, scratchOffset };
}

/** Describes a convolution to the library, which chooses the layouts. */
function describe(library: OneDnn, convolution: Convolution): Handle {
  const { direction, x, y, bias } = convolution;
  const { descriptors } = library;
  const layouts = {
    source: descriptors.any(x),
    weights: descriptors.any(groupedWeights(convolution)),
    bias: bias ? library.rows([y[1] as number]) : null,
    destination: descriptors.any(y),
  };
  const windows = windowsOf(convolution);
  const forward = descriptors.convolution(layouts, windows);
  if (direction === "forward") return forward;
  try {
    return direction === "gradInput"
      ? descriptors.convolutionBackwardData(layouts, windows, forward)
      : descriptors.convolutionBackwardWeights(layouts, windows, forward);
  } finally {
    library.releaseDescription(forward);
  }
}

/** Operands that are read, and the one that is computed, with their shapes. */
function operandShapes(convolution: Convolution): {
  readonly inputs: readonly (readonly [Role, readonly number[]])[];
  readonly output: readonly [Role, readonly number[]];
} {
  const { direction, x, y, bias } = convolution;
  const w = groupedWeights(convolution);
  switch (direction) {
    case "forward":
      return {
        inputs: [[roles.source, x], [roles.weights, w], ...(bias ? [[roles.bias, [y[1] as number]] as const] : [])],
        output: [roles.destination, y],
      };
    case "gradInput":
      return {
        inputs: [
          [roles.destinationGradient, y],
          [roles.weights, w],
        ],
        output: [roles.sourceGradient, x],
      };
    case "gradWeight":
      return {
        inputs: [
          [roles.source, x],
          [roles.destinationGradient, y],
        ],
        output: [roles.weightsGradient, w],
      };
  }
}

/** The weights' shape, with an axis for the groups where there are several. */
function groupedWeights({ w, geometry: { groups } }: Convolution): readonly number[] {
  return groups === 1 ? w : [groups, (w[0] as number) / groups, ...w.slice(1)];
}

function windowsOf({ x, w, y, geometry: { stride, pad, dilate } }: Convolution): Windows {
  const padAfter = stride.map((step, i) => {
    const [count, kernel, spread, length, before] = [y[i + 2], w[i + 2], dilate[i], x[i + 2], pad[i]] as [
      number,
      number,
      number,
      number,
      number,
    ];
    return (count - 1) * step + (kernel - 1) * spread + 1 - length - before;
  });
  return { stride, gap: dilate.map((distance) => distance - 1), padBefore: pad, padAfter };
}

function productsOf({ w, y }: Convolution): number {
  return [...y, ...w.slice(1)].reduce((product, length) => product * length, 1);
}
