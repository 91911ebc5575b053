import {
  currentScope,
  InvalidType,
  isFloating,
  NdArray,
  ValueError,
  type DType,
  type Lifetime,
  type NestedList,
  type Shape,
  type TypedArray,
} from "@chain/array";
import { config } from "./config.js";
import type { FunctionNode } from "./function-node.js";
import { formatShape, sameShape } from "./shape.js";
import { VariableNode } from "./variable-node.js";

/** How a Variable is made. */
export interface VariableOptions {
  /** Shown in graphs and messages. */
  readonly name?: string | null;
  /** Whether gradients are computed for it; by default they are if the dtype is floating. */
  readonly requiresGrad?: boolean;
}

/** What differentiable functions take as an array: a Variable, or an array that wants no gradient. */
export type VariableLike = Variable | NdArray;

/**
 * An array together with the history that made it (Chainer's `Variable`). Functions take and return Variables;
 * {@link Variable.backward} walks the history back and leaves gradients in {@link Variable.grad}.
 */
export class Variable {
  private held: NdArray | null;
  private graphNode: VariableNode | null;
  /** Whether gradients are computed for it. */
  readonly requiresGrad: boolean;
  private givenName: string | null;
  /** How long it lives, and so its gradient. */
  private readonly lifetime: Lifetime = currentScope();
  /** In debug mode: the call that made it. */
  readonly madeAt: string | null;

  /** A variable made of null has no elements until `array` is assigned. */
  constructor(array: NdArray | null, options: VariableOptions = noOptions, node: VariableNode | null = null) {
    if (array !== null && !(array instanceof NdArray)) {
      throw InvalidType.of("Variable", "an NdArray (make one with array())", describe(array));
    }
    this.held = array;
    this.graphNode = node;
    this.requiresGrad =
      node !== null ? node.requiresGrad : (options.requiresGrad ?? true) && (array === null || isFloating(array.dtype));
    this.givenName = options.name ?? null;
    this.madeAt = config.debug ? callSite() : null;
  }

  /** The elements. Assigning another array keeps the place in the graph. */
  get array(): NdArray {
    const { held } = this;
    if (held === null) throw new ValueError(`${this.name ?? "the variable"} has no array yet`);
    return held;
  }

  set array(array: NdArray) {
    this.held = array;
    const node = this.graphNode;
    if (node === null) return;
    node.shape = array.shape;
    node.dtype = array.dtype;
    if (node.data !== null) node.data = array;
  }

  /** Whether it has an array. */
  get isInitialized(): boolean {
    return this.held !== null;
  }

  get shape(): Shape {
    return this.array.shape;
  }

  /** Number of axes. */
  get ndim(): number {
    return this.array.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return this.array.size;
  }

  get dtype(): DType {
    return this.array.dtype;
  }

  /** Name of the device that holds the elements. */
  get device(): string {
    return this.array.device;
  }

  /** Length of the first axis; an error for a 0-d variable. */
  get length(): number {
    return this.array.length;
  }

  /** Shown in graphs and messages. */
  get name(): string | null {
    return this.givenName;
  }

  set name(name: string | null) {
    this.givenName = name;
    if (this.graphNode !== null) this.graphNode.name = name;
  }

  /** Its place in the graph. */
  get node(): VariableNode {
    let node = this.graphNode;
    if (node === null) {
      const { array } = this;
      node = new VariableNode(array.shape, array.dtype, this.requiresGrad, this.givenName);
      node.lifetime = this.lifetime;
      this.graphNode = node;
    }
    return node;
  }

  /** The function that made it; null for a leaf. */
  get creator(): FunctionNode | null {
    return this.graphNode === null ? null : this.graphNode.creator;
  }

  /** Length of the longest path from a leaf of the graph. */
  get rank(): number {
    return this.graphNode === null ? 0 : this.graphNode.rank;
  }

  /** Short text for graphs and messages: `x: (2, 3), float32`. */
  get label(): string {
    return this.node.label;
  }

  /** The gradient as a Variable, which carries a graph after `backward({ enableDoubleBackprop: true })`. */
  get gradVar(): Variable | null {
    return this.graphNode === null ? null : this.graphNode.gradVar;
  }

  set gradVar(gradient: Variable | null) {
    if (gradient === null && this.graphNode === null) return;
    if (gradient !== null) this.checkGradient(gradient.array);
    this.node.gradVar = gradient;
  }

  /** The gradient, or null if none has been computed or it was cleared. */
  get grad(): NdArray | null {
    const { gradVar } = this;
    return gradVar === null ? null : gradVar.array;
  }

  set grad(gradient: NdArray | null) {
    this.gradVar = gradient === null ? null : new Variable(gradient);
  }

  /** The factor by which the gradient was multiplied, if `backward` was given a `lossScale`. */
  get lossScale(): number | null {
    return this.graphNode === null ? null : this.graphNode.lossScale;
  }

  /**
   * Forgets the gradient. In a {@link scope}, a gradient that backward made is freed when the scope ends; copy it before
   * if it is still wanted then.
   */
  cleargrad(): void {
    if (this.graphNode !== null) this.graphNode.cleargrad();
  }

  /** Makes `creator` the function that this variable is an output of. For implementers of functions. */
  setCreatorNode(creator: FunctionNode): void {
    this.node.setCreatorNode(creator);
  }

  /** Cuts the graph here: backward from later results stops at this variable. */
  unchain(): void {
    if (this.graphNode !== null) this.graphNode.unchain();
  }

  /** Makes the graph hold the array, whether or not this Variable lives on. */
  retainData(): void {
    this.node.data = this.array;
  }

  /** Elements in C order, as a typed array; waits for the device. */
  data(): Promise<TypedArray> {
    return this.array.data();
  }

  /** {@link data} at once, where the device can. */
  dataSync(): TypedArray {
    return this.array.dataSync();
  }

  /** Elements as nested lists; waits for the device. */
  tolist(): Promise<NestedList> {
    return this.array.tolist();
  }

  /** The only element; waits for the device. */
  item(): Promise<number> {
    return this.array.item();
  }

  /** See `ArrayHolder`: what must outlive a scope along with this variable. */
  collectArrays(): Iterable<NdArray> {
    const { held, grad } = this;
    if (held === null) return [];
    return grad === null ? [held] : [held, grad];
  }

  toString(): string {
    const { held, givenName } = this;
    return `variable${givenName === null ? "" : ` ${givenName}`}(${held === null ? "no array yet" : held.toString()})`;
  }

  /** What Node's `console.log` shows. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  private checkGradient(gradient: NdArray): void {
    const { shape, dtype } = this;
    if (!sameShape(gradient.shape, shape) || gradient.dtype !== dtype) {
      throw InvalidType.of(
        `grad of ${this.name ?? "a variable"}`,
        `shape ${formatShape(shape)} and dtype ${dtype}`,
        `shape ${formatShape(gradient.shape)} and dtype ${gradient.dtype}`,
      );
    }
  }
}

/** Options of a variable that wants no gradient. */
export const constant: VariableOptions = { requiresGrad: false };

const noOptions: VariableOptions = {};

/** The Variable itself, or a Variable around an array that wants no gradient (Chainer's `as_variable`). */
export function asVariable(value: VariableLike): Variable {
  return value instanceof Variable ? value : new Variable(value, constant);
}

/** The array of a Variable, or the array itself (Chainer's `as_array`). */
export function asArray(value: VariableLike): NdArray {
  return value instanceof Variable ? value.array : value;
}

function describe(value: unknown): string {
  if (value instanceof Variable) return "a Variable";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? value.constructor.name : String(value);
}

/** The first call in the stack outside of Chain's packages. */
export function callSite(): string {
  const lines = new Error("call site").stack?.split("\n").slice(1) ?? [];
  const outside = lines.filter((line) => !inside.test(line));
  return (outside[0] ?? lines.at(-1) ?? "").trim().replace(/^at /, "");
}

const inside = /[\\/](packages|@chain)[\\/](array|autograd|links|optimizers|training)[\\/](src|dist)[\\/]/;
