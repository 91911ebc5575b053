import type { ComputeType, Node } from "../../../kernel/program.js";
import type { DType } from "../../../dtype.js";
import type { Local, ValueType } from "../wasm/assembler.js";
import type { OpNode } from "./nodes.js";

/**
 * The instructions that compute with values of the kernel language. A value holds one element of each of `lanes`
 * neighbouring positions.
 */
export interface Machine {
  readonly lanes: 1 | 4;
  /** How values are held; see {@link valueTypeOf}. */
  valueType(type: ComputeType): ValueType;
  /** Pushes the same number for every lane. */
  constant(type: ComputeType, value: number): void;
  /** Pushes the result of an operation; `push` pushes the value of an operand. */
  operation(node: OpNode, push: (operand: Node) => void): void;
  /** Replaces the value on the stack by its conversion. */
  cast(from: ComputeType, to: ComputeType): void;
  bitcast(from: ComputeType, to: ComputeType): void;
  /** Rounds float32 to float16 values. */
  roundHalf(): void;

  /** Pushes, as an i32, whether a truth value holds in any lane. */
  anyLane(condition: Local): void;

  /** Pushes what the launch's argument block holds at byte `offset`, the same for every lane. */
  scalar(type: ComputeType, args: Local, offset: number): void;
  /** Pushes an i32 variable as int32, the same for every lane. */
  spread(value: Local): void;
  /** Pushes `start`, `start + 1`, … as int32. */
  positions(start: Local): void;

  /** Pushes neighbouring elements that start at `address` + `offset` bytes. */
  loadContiguous(dtype: DType, address: Local, offset: number): void;
  /** Pushes the element at `address` for every lane. */
  loadSpread(dtype: DType, address: Local): void;
  /** Pushes the elements at the given addresses, one a lane; each function pushes one. */
  loadLanes(dtype: DType, addresses: readonly (() => void)[]): void;
  /** Pushes the elements of the contiguous buffer at address `base` whose int32 positions are on the stack. */
  loadAt(dtype: DType, base: Local): void;
  /** Stores a value at neighbouring places that start at `address` + `offset` bytes. */
  storeContiguous(dtype: DType, address: Local, offset: number, value: Local): void;
  /** Stores one lane of a value at the address that `address` pushes. */
  storeLane(dtype: DType, lane: number, address: () => void, value: Local): void;

  /** Pushes a value whose lane i is lane `from[i]` of `value`. */
  permute(value: Local, from: readonly [number, number, number, number]): void;
}

/** How machines of a number of lanes hold values. */
export function valueTypeOf(lanes: 1 | 4, type: ComputeType): "i32" | "f32" | "f64" | "v128" {
  if (lanes === 4) return "v128";
  return type === "float64" ? "f64" : type === "float32" ? "f32" : "i32";
}
