/**
 * What a backend compiles: a kernel's typed expression graph together with the dtypes and layouts of the arrays it will
 * run on. Everything about promotion and weak numbers has been decided; operands of every node have the node's type.
 */
import type { DType } from "../dtype.js";
import type { Hint } from "./expr.js";
import type { OpName } from "./ops-table.js";

export type { Hint } from "./expr.js";

/**
 * The types that kernels compute in. Storage dtypes that are missing here are converted when they are loaded and
 * stored: uint8 to int32 (stores keep the low 8 bits), float16 to float32 (stores round to nearest even).
 */
export type ComputeType = "bool" | "int32" | "uint32" | "float32" | "float64";

/** A typed node. Equal nodes are the same object, so a generator emits each one once. */
export type Node =
  /** Element of the input operand `index` (elementwise, map of a reduction or of a row). */
  | { readonly kind: "parameter"; readonly type: ComputeType; readonly index: number }
  /** Value given at launch. */
  | { readonly kind: "scalar"; readonly type: ComputeType; readonly index: number }
  | { readonly kind: "constant"; readonly type: ComputeType; readonly value: number }
  /** Position (see `index` in ops.ts) and extent (`size`). */
  | { readonly kind: "index"; readonly type: "int32" }
  | { readonly kind: "size"; readonly type: "int32" }
  /** Element `args[0]` (int32) of the contiguous input buffer. */
  | { readonly kind: "at"; readonly type: ComputeType; readonly buffer: number; readonly args: readonly [Node] }
  /** Converts the value: float to int truncates and saturates (NaN gives 0), int32 and uint32 wrap, to bool is `!= 0`. */
  | { readonly kind: "cast"; readonly type: ComputeType; readonly args: readonly [Node] }
  /** Keeps the 32 bits. */
  | { readonly kind: "bitcast"; readonly type: ComputeType; readonly args: readonly [Node] }
  /** Rounds float32 to a float16 value. */
  | { readonly kind: "roundHalf"; readonly type: "float32"; readonly args: readonly [Node] }
  /** Component `component` of the row reduction of pass `pass` (row-wise kernels). */
  | { readonly kind: "rowValue"; readonly type: ComputeType; readonly pass: number; readonly component: number }
  /** A hint may be ignored; see {@link Hint}. */
  | {
      readonly kind: "op";
      readonly op: OpName;
      readonly type: ComputeType;
      readonly args: readonly Node[];
      readonly hint?: Hint;
    };

/**
 * How an operand moves along the axis that a kernel vectorises: `contiguous` by 1, `broadcast` not at all, `strided` by
 * anything else.
 */
export type Layout = "contiguous" | "broadcast" | "strided";

/** An array argument. */
export interface OperandType {
  readonly dtype: DType;
  readonly layout: Layout;
}

/** An input: an array, or a JavaScript number (which arrives with the launch's scalars, after the named ones). */
export type InputType = OperandType | { readonly dtype: DType; readonly layout: "number" };

interface ProgramBase {
  readonly name: string;
  /** Unique per kernel, dtypes and layouts. */
  readonly id: string;
  /** What is stored at input i is loaded as `parameter` i. */
  readonly inputs: readonly InputType[];
  readonly outputs: readonly OperandType[];
  /** Types of the scalars of a launch: the named ones, then one for each input that is a number. */
  readonly scalars: readonly ComputeType[];
  readonly buffers: readonly DType[];
  /** Number of loop axes after merging; 1 means that strides follow from the layouts alone. */
  readonly rank: number;
  /** Whether `index` occurs. */
  readonly usesIndex: boolean;
}

/** `outputs[i][p] = body[i](inputs[…][p])` for every position p of the output shape. */
export interface ElementwiseProgram extends ProgramBase {
  readonly kind: "elementwise";
  readonly body: readonly Node[];
}

/** Graph of a {@link Monoid}: `parameter` c is component c of the left operand, `parameter` n + c of the right one. */
export interface CombineGraph {
  readonly identity: readonly number[];
  readonly types: readonly ComputeType[];
  readonly body: readonly Node[];
}

/**
 * For every kept position: combines `map(inputs)` over the reduced positions and stores `finish(state)`. In `finish`,
 * `parameter` c is component c of the state.
 *
 * Iteration axes are the kept axes followed by the reduced ones; `keptRank` says how many are kept. `inner` tells which
 * of them is vectorised, and so what the operands' layouts speak of: the last reduced axis, or the last kept one.
 */
export interface ReductionProgram extends ProgramBase {
  readonly kind: "reduction";
  readonly keptRank: number;
  readonly inner: "reduced" | "kept";
  readonly map: readonly Node[];
  readonly combine: CombineGraph;
  /** The same for a right operand whose elements all come after the left one's, if that is less work. */
  readonly append?: CombineGraph;
  readonly finish: readonly Node[];
}

/** One inner reduction of a row-wise kernel; its values may use `rowValue`s of earlier passes. */
export interface RowPass {
  readonly values: readonly Node[];
  readonly combine: CombineGraph;
}

/**
 * For every row: runs the passes in order, then stores `body[i]` once per element or once per row. The last iteration
 * axis is the row; outputs per row have stride 0 along it, and are computed with parameters loaded at the row's start
 * (they are operands that do not move along the row). They are computed before the row's elements are stored, and stored after
 * these, which may read an input in the same place. Rows may be empty.
 */
export interface RowwiseProgram extends ProgramBase {
  readonly kind: "rowwise";
  readonly passes: readonly RowPass[];
  readonly body: readonly Node[];
  readonly per: readonly ("element" | "row")[];
}

export type Program = ElementwiseProgram | ReductionProgram | RowwiseProgram;

/** The operands of a node, in order. */
export function nodeArgs(node: Node): readonly Node[] {
  return "args" in node ? node.args : [];
}

/** The strides of a launch that gives none (there is one axis): for every output, then every array input, 0 or 1. */
export function impliedStrides({ outputs, inputs }: Program): number[][] {
  const operands = [...outputs, ...inputs.filter((input) => input.layout !== "number")];
  return operands.map(({ layout }) => [layout === "broadcast" ? 0 : 1]);
}
