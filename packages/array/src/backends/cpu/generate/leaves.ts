import type { DType } from "../../../dtype.js";
import type { Node, Program } from "../../../kernel/program.js";
import { inputSlots } from "../../js/generate.js";
import type { Local } from "../wasm/assembler.js";
import type { ArgumentLayout } from "./arguments.js";
import type { Context, LeafCode } from "./emitter.js";
import type { RowOperand, Step } from "./inner-loop.js";
import { RATE, Rates, type Rate } from "./nodes.js";

/** What leaves are made of at one place in the code. */
export interface LeafSources {
  /** Operands by their number: outputs, then array inputs. */
  readonly operands: ReadonlyMap<number, RowOperand>;
  /** The step of the inner loop, for what moves along it. */
  readonly step?: Step;
  /** Positions of the lanes at the pointers. */
  readonly position?: Local | null;
  /** Any leaf that the above does not settle. */
  readonly other?: (node: Node) => void;
}

/** Pushes the leaves of one program. */
export class Leaves {
  readonly #slots;
  /** Addresses of the buffers. */
  readonly #buffers: readonly Local[];

  /** Emits the code that reads the buffers' addresses from the argument block. */
  constructor(
    private readonly context: Context,
    private readonly program: Program,
    private readonly layout: ArgumentLayout,
    private readonly args: Local,
    /** The number of elements that are reduced, or of a row. */
    private readonly size: Local | null = null,
  ) {
    const { f, pool } = context;
    this.#slots = inputSlots(program);
    this.#buffers = program.buffers.map((_, i) => {
      const base = pool.take("i32");
      f.get(args)
        .load("i32.load", { offset: layout.buffer(i) })
        .set(base);
      return base;
    });
  }

  /** How often leaves change; `index` and `rowValue`s as given. */
  rates(index: Rate = RATE.element): Rates {
    return new Rates((node) => {
      if (node.kind === "parameter") {
        const layout = this.program.inputs[node.index]?.layout;
        return layout === "number" ? RATE.launch : layout === "broadcast" ? RATE.row : RATE.element;
      }
      if (node.kind === "index") return index;
      return node.kind === "rowValue" ? RATE.row : RATE.launch;
    });
  }

  /** Code of the leaves at one place. */
  code({ operands, step, position, other }: LeafSources): LeafCode {
    const { context, layout, args, program } = this;
    const { f, machine } = context;
    const fixed: Step = step ?? { displacement: 0, copy: 0, tail: null };
    return (node, push) => {
      switch (node.kind) {
        case "parameter": {
          const slot = this.#slots[node.index];
          if (slot?.kind === "array") (operands.get(slot.operand) as RowOperand).load(fixed);
          else machine.scalar(node.type, args, layout.scalar(slot?.scalar ?? 0));
          return;
        }
        case "scalar":
          machine.scalar(node.type, args, layout.scalar(node.index));
          return;
        case "index":
          if (position === undefined || position === null) break;
          f.get(position);
          return;
        case "size":
          if (this.size === null) break;
          machine.spread(this.size);
          return;
        case "at": {
          push(node.args[0]);
          // Positions of lanes beyond the end are arbitrary.
          if (fixed.tail !== null) f.get(fixed.tail.mask).op("v128.and");
          machine.loadAt(program.buffers[node.buffer] as DType, this.#buffers[node.buffer] as Local);
          return;
        }
        default:
          break;
      }
      if (other === undefined) throw new Error(`unexpected ${node.kind} in a generated kernel`);
      other(node);
    };
  }
}
