/** Code for the states of reductions: combining them, and keeping them in memory. */
import type { CombineGraph, Node } from "../../../kernel/program.js";
import type { Callable, Local, ModuleBuilder } from "../wasm/assembler.js";
import { Emitter, type Context } from "./emitter.js";

/** One value for each component of a state. */
export type State = readonly Local[];

/** Emits what a reduction does with states, in one function. */
export class States {
  /** Bytes of a state in memory. */
  readonly bytes: number;
  readonly #slot: number;
  readonly #constants: Emitter;

  /** Emits the code that keeps the constants of the combination. */
  constructor(
    private readonly context: Context,
    readonly graph: CombineGraph,
  ) {
    this.#slot = slotBytes(context.machine.lanes);
    this.bytes = stateBytes(graph, context.machine.lanes);
    this.#constants = new Emitter(context, parameterError);
    this.#constants.keepEarly(graph.body, (node) => node.kind === "constant");
  }

  /** Variables for a state. */
  take(): State {
    const { pool, machine } = this.context;
    return this.graph.types.map((type) => pool.take(machine.valueType(type)));
  }

  /** Gives a state the identity. */
  setIdentity(state: State): void {
    state.forEach((local, c) => {
      this.pushIdentity(c);
      this.context.f.set(local);
    });
  }

  pushIdentity(component: number): void {
    const { graph, context } = this;
    context.machine.constant(graph.types[component] ?? "float32", graph.identity[component] as number);
  }

  /** `into = combine(left, right)`; `into` may be either. */
  combine(left: State, right: State, into: State): void {
    const { f, pool } = this.context;
    pool.scoped(() => {
      const operands = [...left, ...right];
      const emitter = new Emitter(
        this.context,
        (node) => {
          if (node.kind !== "parameter") parameterError(node);
          f.get(operands[node.index] as Local);
        },
        this.#constants,
      );
      emitter.announce(this.graph.body);
      for (const node of this.graph.body) {
        const extreme = extremeOfParameters(node);
        if (extreme === null || this.context.machine.lanes === 1) emitter.push(node);
        else this.#extreme(extreme, operands);
      }
      for (const local of [...into].reverse()) f.set(local);
    });
  }

  /**
   * The larger (smaller) of two float32 values in three instructions where `f32x4.max` takes eight: of two zeros it gives
   * the left one, whatever its sign.
   */
  #extreme({ op, left, right }: ExtremeOfParameters, operands: readonly Local[]): void {
    const { f } = this.context;
    const [a, b] = [operands[left] as Local, operands[right] as Local];
    // These give the left operand where it is NaN; where the right one is, all bits are set.
    f.get(a)
      .get(b)
      .op(op === "max" ? "f32x4.pmax" : "f32x4.pmin");
    f.get(b).get(b).op("f32x4.ne").op("v128.or");
  }

  /** Combines states pairwise, into the first. */
  combineAll(states: readonly State[]): void {
    for (let step = 1; step < states.length; step *= 2) {
      for (let i = 0; i + step < states.length; i += 2 * step) {
        const left = states[i] as State;
        this.combine(left, states[i + step] as State, left);
      }
    }
  }

  /** Combines the lanes of a state: afterwards lane 0 holds the result. */
  combineLanes(state: State): void {
    const { f, machine, pool } = this.context;
    if (machine.lanes === 1) return;
    pool.scoped(() => {
      const others = this.take();
      for (const order of [
        [2, 3, 0, 1],
        [1, 0, 3, 2],
      ] as const) {
        state.forEach((local, c) => {
          machine.permute(local, order);
          f.set(others[c] as Local);
        });
        this.combine(state, others, state);
      }
    });
  }

  /** Stores a state at `address` + `offset`. */
  store(state: State, address: Local, offset = 0): void {
    const { f } = this.context;
    state.forEach((local, c) => {
      f.get(address).get(local);
      const at = { offset: offset + c * this.#slot };
      if (local.type === "v128") f.store("v128.store", at);
      else f.store(`${local.type}.store`, at);
    });
  }

  load(state: State, address: Local, offset = 0): void {
    const { f } = this.context;
    state.forEach((local, c) => {
      f.get(address);
      const at = { offset: offset + c * this.#slot };
      if (local.type === "v128") f.load("v128.load", at);
      else f.load(`${local.type}.load`, at);
      f.set(local);
    });
  }
}

interface ExtremeOfParameters {
  readonly op: "max" | "min";
  readonly left: number;
  readonly right: number;
}

/** Whether a combination is nothing but the larger or smaller of two float32 components. */
function extremeOfParameters(node: Node): ExtremeOfParameters | null {
  if (node.kind !== "op" || node.type !== "float32" || (node.op !== "max" && node.op !== "min")) return null;
  const [left, right] = node.args;
  if (left?.kind !== "parameter" || right?.kind !== "parameter") return null;
  return { op: node.op, left: left.index, right: right.index };
}

function slotBytes(lanes: 1 | 4): number {
  return lanes === 4 ? 16 : 8;
}

/** Bytes of a state in memory. */
export function stateBytes(graph: CombineGraph, lanes: 1 | 4): number {
  return graph.types.length * slotBytes(lanes);
}

/**
 * Adds a function `merge(first, parts, bytes, count)`: `first` is the address of `parts` rows, `bytes` apart, of `count`
 * states each. It combines rows pairwise (neighbours, then pairs of neighbours, …) into the first.
 */
export function addMerge(
  module: ModuleBuilder,
  contextOf: (f: ReturnType<ModuleBuilder["function"]>) => Context,
  graph: CombineGraph,
): Callable {
  const f = module.function("merge", { params: ["i32", "i32", "i32", "i32"], results: [] }, false);
  const context = contextOf(f);
  const states = new States(context, graph);
  const [first, parts, bytes, count] = [f.param(0), f.param(1), f.param(2), f.param(3)];
  const { pool } = context;
  const [step, end, left, at, other, rest] = ["", "", "", "", "", ""].map(() => pool.take("i32")) as [
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
  ];
  const [a, b] = [states.take(), states.take()];
  f.get(first).get(parts).get(bytes).op("i32.mul").op("i32.add").set(end);
  f.get(bytes).set(step);
  f.block((merged) => {
    f.loop((nextStep) => {
      // Until a step leads from the first row past the last.
      f.get(first).get(step).op("i32.add").get(end).op("i32.ge_u").brIf(merged);
      f.get(first).set(left);
      f.loop((nextPair) => {
        f.get(left).set(at);
        f.get(left).get(step).op("i32.add").set(other);
        f.get(count).set(rest);
        f.loop((nextState) => {
          states.load(a, at);
          states.load(b, other);
          states.combine(a, b, a);
          states.store(a, at);
          f.get(at).i32(states.bytes).op("i32.add").set(at);
          f.get(other).i32(states.bytes).op("i32.add").set(other);
          f.get(rest).i32(1).op("i32.sub").tee(rest).brIf(nextState);
        });
        f.get(left).get(step).i32(1).op("i32.shl").op("i32.add").tee(left);
        f.get(step).op("i32.add").get(end).op("i32.lt_u").brIf(nextPair);
      });
      f.get(step).i32(1).op("i32.shl").set(step).br(nextStep);
    });
  });
  return f;
}

function parameterError(node: Node): never {
  throw new Error(`unexpected ${node.kind} in a combination`);
}
