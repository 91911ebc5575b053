import { nodeArgs, type Node } from "../../../kernel/program.js";
import type { FunctionBuilder, Local } from "../wasm/assembler.js";
import type { LocalPool } from "./locals.js";
import type { Machine } from "./machine.js";
import { argOf, type OpNode } from "./nodes.js";
import { isRareSelection, neededRarely, rareNodes } from "./rare.js";

/** Pushes the value of a leaf, or of an `at` whose position `push` pushes. */
export type LeafCode = (node: Node, push: (operand: Node) => void) => void;

/** What code of one function is emitted with. */
export interface Context {
  readonly f: FunctionBuilder;
  readonly machine: Machine;
  readonly pool: LocalPool;
}

/**
 * Emits the code of expression graphs. A value that is used more than once is kept in a variable; values that an outer
 * emitter keeps (because they do not change in the loop that this one's code is in) are taken from there.
 */
export class Emitter {
  readonly #kept = new Map<Node, Local>();
  readonly #uses = new Map<Node, number>();

  constructor(
    private readonly context: Context,
    private readonly leaf: LeafCode,
    private readonly outer: Emitter | null = null,
    /** Values that lie in memory: code that pushes them. They count as leaves. */
    private readonly stored: ReadonlyMap<Node, () => void> = new Map(),
  ) {}

  /** Announces graphs whose values will be pushed, so that what they share is computed once. */
  announce(roots: Iterable<Node>): void {
    const count = (node: Node): void => {
      if (this.find(node) !== undefined) return;
      const uses = (this.#uses.get(node) ?? 0) + 1;
      this.#uses.set(node, uses);
      if (uses === 1 && !this.stored.has(node)) nodeArgs(node).forEach(count);
    };
    for (const root of roots) count(root);
  }

  /** Pushes the value of a node. */
  push(node: Node): void {
    const { f, machine, pool } = this.context;
    const kept = this.find(node);
    if (kept !== undefined) {
      f.get(kept);
      return;
    }
    this.#compute(node);
    if ((this.#uses.get(node) ?? 1) > 1 && node.kind !== "constant") {
      const local = pool.take(machine.valueType(node.type));
      f.tee(local);
      this.#kept.set(node, local);
    }
  }

  /** Computes a node that was announced, if that has not been done, and keeps its value. */
  keep(node: Node): Local {
    const { f, machine, pool } = this.context;
    const known = this.find(node);
    if (known !== undefined) return known;
    this.#compute(node);
    const local = pool.take(machine.valueType(node.type));
    f.set(local);
    this.#kept.set(node, local);
    return local;
  }

  /**
   * Keeps every value that graphs need and for which `early` holds (it holds for a node only if it does for all its
   * operands). What is used to compute such values alone is not kept, nor what is needed in rare cases alone.
   */
  keepEarly(roots: readonly Node[], early: (node: Node) => boolean): void {
    const seen = new Set<Node>();
    const found: Node[] = [];
    const rare = rareNodes(roots);
    const visit = (node: Node): void => {
      if (seen.has(node) || rare.has(node)) return;
      seen.add(node);
      if (early(node)) {
        // A scalar constant is an immediate.
        if (node.kind !== "constant" || this.context.machine.lanes > 1) found.push(node);
        return;
      }
      if (this.stored.has(node)) return;
      nodeArgs(node).forEach((arg, i) => {
        // A constant number of bits is part of a shift's code.
        const immediate = node.kind === "op" && (node.op === "shl" || node.op === "shr") && i === 1;
        if (!(immediate && arg.kind === "constant")) visit(arg);
      });
    };
    for (const root of roots) visit(root);
    this.announce(found);
    for (const node of found) this.keep(node);
  }

  /** The variable that keeps a node's value, if there is one. */
  find(node: Node): Local | undefined {
    return this.#kept.get(node) ?? this.outer?.find(node);
  }

  #compute(node: Node): void {
    const { machine } = this.context;
    const load = this.stored.get(node);
    if (load !== undefined) {
      load();
      return;
    }
    const push = (operand: Node): void => this.push(operand);
    switch (node.kind) {
      case "constant":
        machine.constant(node.type, node.value);
        break;
      case "cast":
        push(argOf(node, 0));
        machine.cast(argOf(node, 0).type, node.type);
        break;
      case "bitcast":
        push(argOf(node, 0));
        machine.bitcast(argOf(node, 0).type, node.type);
        break;
      case "roundHalf":
        push(argOf(node, 0));
        machine.roundHalf();
        break;
      case "op":
        if (isRareSelection(node)) this.#selectRarely(node);
        else machine.operation(node, push);
        break;
      default:
        this.leaf(node, push);
    }
  }

  /** A selection whose first alternative is computed only where some lane takes it. */
  #selectRarely(node: OpNode): void {
    const { f, machine, pool } = this.context;
    const own = neededRarely(node, (used) => (this.stored.has(used) ? Infinity : (this.#uses.get(used) ?? Infinity)));
    // What others need as well is computed outside of the branch.
    for (const inside of own) {
      for (const arg of nodeArgs(inside)) if (arg.kind !== "constant" && !own.has(arg)) this.keep(arg);
    }
    const [condition, rare, usual] = [argOf(node, 0), argOf(node, 1), argOf(node, 2)];
    const chosen = this.keep(condition);
    const value = pool.take(machine.valueType(node.type));
    this.push(usual);
    f.set(value);
    machine.anyLane(chosen);
    f.if(() => {
      machine.operation(node, (operand) => {
        if (operand === condition) f.get(chosen);
        else if (operand === rare) this.push(rare);
        else f.get(value);
      });
      f.set(value);
    });
    f.get(value);
  }
}
