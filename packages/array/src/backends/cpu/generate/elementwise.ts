import type { ElementwiseProgram } from "../../../kernel/program.js";
import type { FunctionBuilder, Local } from "../wasm/assembler.js";
import { AxisWalker } from "./axes.js";
import { unrollFor } from "./cost.js";
import { Emitter, type Context } from "./emitter.js";
import { emitInnerLoop, RowOperand } from "./inner-loop.js";
import { Leaves } from "./leaves.js";
import { contextOf, type ModuleContext } from "./module-context.js";
import { allNodes, RATE, type Rates } from "./nodes.js";
import { operandTypes } from "./operand-types.js";

/** Extra words in the argument block of a program that {@link runsInBlocks}. */
export const BLOCK_WORDS = { rows: 0, columns: 1 } as const;

/**
 * Whether the range of `run` counts blocks of a few neighbouring rows and columns (see {@link BLOCK_WORDS}), so that what
 * strided operands bring into the cache is used while it is there; else it counts elements or rows.
 */
export function runsInBlocks(program: ElementwiseProgram): boolean {
  return program.rank > 1 && !program.usesIndex && operandTypes(program).some(({ layout }) => layout === "strided");
}

/** Emits `run(args, begin, end)`: elements if there is one loop axis, blocks or rows along the innermost axis else. */
export function emitElementwise(generated: ModuleContext<ElementwiseProgram>, run: FunctionBuilder): void {
  const code = new ElementwiseCode(generated, run, contextOf(generated, run));
  if (generated.program.rank === 1) code.emitFlat();
  else if (runsInBlocks(generated.program)) code.emitBlocks();
  else code.emitRows();
}

class ElementwiseCode {
  private readonly operands: readonly RowOperand[];
  private readonly leaves: Leaves;
  private readonly rates: Rates;
  private readonly launchEmitter: Emitter;
  private readonly left: Local;
  private readonly position: Local | null;
  private readonly inner: number;

  constructor(
    private readonly generated: ModuleContext<ElementwiseProgram>,
    private readonly f: FunctionBuilder,
    private readonly context: Context,
  ) {
    const { program, layout } = generated;
    const { machine, pool } = context;
    const args = f.param(0);
    this.inner = program.rank - 1;
    this.operands = operandTypes(program).map((type, k) => {
      // A result that does not move is a single element.
      const kind = k < program.outputs.length && type.layout === "broadcast" ? "strided" : type.layout;
      const operand = new RowOperand(context, type.dtype, kind);
      operand.prepare(args, layout, k, this.inner);
      return operand;
    });
    this.leaves = new Leaves(context, program, layout, args);
    this.rates = this.leaves.rates();
    this.left = pool.take("i32");
    this.position = program.usesIndex ? pool.take(machine.valueType("int32")) : null;
    this.launchEmitter = new Emitter(context, this.leaves.code({ operands: this.byNumber() }));
    this.launchEmitter.keepEarly(program.body, (node) => this.rates.of(node) === RATE.launch);
  }

  /** Elements begin … end - 1. */
  emitFlat(): void {
    const { f, operands, left, position, context } = this;
    const [begin, end] = [f.param(1), f.param(2)];
    operands.forEach((operand, k) => {
      this.firstElement(k, operand.pointer);
      operand.move(begin);
    });
    f.get(end).get(begin).op("i32.sub").set(left);
    if (position !== null) {
      context.machine.positions(begin);
      f.set(position);
    }
    this.row();
  }

  /** Rows begin … end - 1 along the innermost axis. */
  emitRows(): void {
    const { f, context, operands, left, position, inner } = this;
    const { pool, machine } = context;
    const { layout } = this.generated;
    const [args, begin, end] = [f.param(0), f.param(1), f.param(2)];
    const pointers = this.rowPointers();
    pointers.forEach((pointer, k) => this.firstElement(k, pointer));
    const walker = new AxisWalker(context, args, layout, pointers, 0, inner);
    const linear = pool.take("i32");
    f.get(begin).set(linear);
    walker.seek(linear);
    f.loop((next) => {
      pointers.forEach((pointer, k) => f.get(pointer).set((operands[k] as RowOperand).pointer));
      this.length(inner, left);
      if (position !== null) {
        f.get(begin).get(left).op("i32.mul").set(linear);
        machine.positions(linear);
        f.set(position);
      }
      this.row();
      walker.step();
      f.get(begin).i32(1).op("i32.add").tee(begin).get(end).op("i32.lt_u").brIf(next);
    });
  }

  /** Blocks begin … end - 1: stretches of the innermost axis in neighbouring rows along the axis before it. */
  emitBlocks(): void {
    const { f, context, operands, left, inner } = this;
    const { pool } = context;
    const { layout } = this.generated;
    const [args, begin, end] = [f.param(0), f.param(1), f.param(2)];
    const [height, width, rows, columns] = [1, 2, 3, 4].map(() => pool.take("i32")) as [Local, Local, Local, Local];
    const [blocksAcross, blocksDown, block] = [1, 2, 3].map(() => pool.take("i32")) as [Local, Local, Local];
    const [row, column, count] = [1, 2, 3].map(() => pool.take("i32")) as [Local, Local, Local];
    f.get(args)
      .load("i32.load", { offset: layout.extra(BLOCK_WORDS.rows) })
      .set(height);
    f.get(args)
      .load("i32.load", { offset: layout.extra(BLOCK_WORDS.columns) })
      .set(width);
    this.length(inner - 1, rows);
    this.length(inner, columns);
    const blocks = (length: Local, size: Local, into: Local): void =>
      void f.get(length).get(size).op("i32.add").i32(1).op("i32.sub").get(size).op("i32.div_u").set(into);
    blocks(rows, height, blocksDown);
    blocks(columns, width, blocksAcross);
    /** Position of a block's first element along an axis, and how many it has: `start = index * size`. */
    const part = (size: Local, length: Local, start: Local, extent: Local): void => {
      f.get(size).op("i32.mul").set(start);
      f.get(size).get(length).get(start).op("i32.sub").tee(extent);
      f.get(size).get(extent).op("i32.lt_u").op("select").set(extent);
    };
    const pointers = this.rowPointers();
    const walker = new AxisWalker(context, args, layout, pointers, 0, inner - 1);
    f.loop((next) => {
      f.get(begin).get(blocksAcross).op("i32.rem_u");
      part(width, columns, column, left);
      f.get(begin).get(blocksAcross).op("i32.div_u").tee(block).get(blocksDown).op("i32.rem_u");
      part(height, rows, row, count);
      f.get(block).get(blocksDown).op("i32.div_u").set(block);
      pointers.forEach((pointer, k) => this.firstElement(k, pointer));
      if (inner > 1) walker.seek(block);
      f.get(left).set(block);
      operands.forEach((operand, k) => {
        const pointer = pointers.get(k) as Local;
        this.stride(k);
        f.get(row).op("i32.mul").get(pointer).op("i32.add").set(operand.pointer);
        operand.move(column);
        f.get(operand.pointer).set(pointer);
      });
      f.loop((nextRow) => {
        pointers.forEach((pointer, k) => f.get(pointer).set((operands[k] as RowOperand).pointer));
        f.get(block).set(left);
        this.row();
        pointers.forEach((pointer, k) => {
          this.stride(k);
          f.get(pointer).op("i32.add").set(pointer);
        });
        f.get(count).i32(1).op("i32.sub").tee(count).brIf(nextRow);
      });
      f.get(begin).i32(1).op("i32.add").tee(begin).get(end).op("i32.lt_u").brIf(next);
    });
  }

  /** The next `left` elements along the innermost axis. */
  private row(): void {
    const { f, context, operands, left, position, leaves, rates } = this;
    const { machine, pool } = context;
    const { body } = this.generated.program;
    const byNumber = this.byNumber();
    const rowEmitter = new Emitter(context, leaves.code({ operands: byNumber }), this.launchEmitter);
    rowEmitter.keepEarly(body, (node) => rates.of(node) <= RATE.row);
    operands.forEach((operand) => operand.startRow());
    emitInnerLoop(context, {
      operands,
      left,
      unroll: unrollFor(body),
      position,
      masks: [...allNodes(body)].some((node) => node.kind === "at"),
      body: (step) => {
        const emitter = new Emitter(context, leaves.code({ operands: byNumber, step, position }), rowEmitter);
        emitter.announce(body);
        // An output may be an input: everything is computed before anything is stored.
        const values = body.map((node) => {
          const value = pool.take(machine.valueType(node.type));
          emitter.push(node);
          f.set(value);
          return value;
        });
        values.forEach((value, i) => (operands[i] as RowOperand).store(step, value));
      },
    });
  }

  private byNumber(): ReadonlyMap<number, RowOperand> {
    return new Map(this.operands.entries());
  }

  /** Variables for the address of every operand in the current row. */
  private rowPointers(): ReadonlyMap<number, Local> {
    return new Map(this.operands.map((_, k) => [k, this.context.pool.take("i32")]));
  }

  private firstElement(k: number, into: Local): void {
    const { f, generated } = this;
    f.get(f.param(0))
      .load("i32.load", { offset: generated.layout.pointer(k) })
      .set(into);
  }

  private length(axis: number, into: Local): void {
    const { f, generated } = this;
    f.get(f.param(0))
      .load("i32.load", { offset: generated.layout.length(axis) })
      .set(into);
  }

  /** Pushes an operand's stride along the axis before the innermost. */
  private stride(k: number): void {
    const { f, generated } = this;
    f.get(f.param(0)).load("i32.load", { offset: generated.layout.stride(k, this.inner - 1) });
  }
}
