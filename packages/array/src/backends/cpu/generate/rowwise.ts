/** Row-wise kernels: for every row the inner reductions in order, then what is stored per row and per element. */
import type { Node, RowPass, RowwiseProgram } from "../../../kernel/program.js";
import type { FunctionBuilder, Local } from "../wasm/assembler.js";
import { AxisWalker } from "./axes.js";
import { accumulatorsFor, chain, unrollFor } from "./cost.js";
import { Emitter, type Context } from "./emitter.js";
import { emitInnerLoop, RowOperand, type Step } from "./inner-loop.js";
import { Leaves } from "./leaves.js";
import { contextOf, type ModuleContext } from "./module-context.js";
import { allNodes, RATE, type Rates } from "./nodes.js";
import { operandTypes } from "./operand-types.js";
import type { StoredValue } from "./stored-value.js";
import { States, type State } from "./states.js";

/** Emits `run(args, begin, end)`: rows begin … end - 1. */
export function emitRowwise(
  generated: ModuleContext<RowwiseProgram>,
  run: FunctionBuilder,
  stored: StoredValue | null,
): void {
  const context = contextOf(generated, run);
  new RowwiseCode(generated, run, context, stored).emit();
}

class RowwiseCode {
  private readonly program: RowwiseProgram;
  private readonly operands: ReadonlyMap<number, RowOperand>;
  /** Addresses of the first elements of the row. */
  private readonly pointers: ReadonlyMap<number, Local>;
  private readonly size: Local;
  private readonly left: Local;
  private readonly position: Local | null;
  private readonly leaves: Leaves;
  private readonly rates: Rates;
  /** Results of the passes, the same in every lane. */
  private readonly rowValues: State[] = [];
  private readonly states: readonly States[];

  constructor(
    private readonly generated: ModuleContext<RowwiseProgram>,
    private readonly f: FunctionBuilder,
    private readonly context: Context,
    private readonly stored: StoredValue | null,
  ) {
    const { program, layout } = generated;
    const { pool, machine } = context;
    this.program = program;
    const args = f.param(0);
    const inner = program.rank - 1;
    this.size = pool.take("i32");
    f.get(args)
      .load("i32.load", { offset: layout.length(inner) })
      .set(this.size);
    this.left = pool.take("i32");
    this.position = program.usesIndex ? pool.take(machine.valueType("int32")) : null;
    this.operands = new Map(
      operandTypes(program).map(({ dtype, layout: kind }, k) => {
        // An output per element that does not move is a row of one element.
        const operand = new RowOperand(
          context,
          dtype,
          k < program.outputs.length && kind === "broadcast" ? "strided" : kind,
        );
        operand.prepare(args, layout, k, inner);
        return [k, operand];
      }),
    );
    this.pointers = new Map([...this.operands.keys()].map((k) => [k, pool.take("i32")]));
    this.leaves = new Leaves(context, program, layout, args, this.size);
    this.rates = this.leaves.rates();
    this.states = program.passes.map(({ combine }) => new States(context, combine));
  }

  emit(): void {
    const { f, context, program, generated, leaves, operands, pointers, rates } = this;
    const [args, begin, end] = [f.param(0), f.param(1), f.param(2)];
    const inner = program.rank - 1;
    const { layout } = generated;
    const everything = [...program.body, ...program.passes.flatMap(({ values }) => values)];
    const launchEmitter = new Emitter(context, leaves.code({ operands }));
    launchEmitter.keepEarly(everything, (node) => rates.of(node) === RATE.launch);

    pointers.forEach((pointer, k) =>
      f
        .get(args)
        .load("i32.load", { offset: layout.pointer(k) })
        .set(pointer),
    );
    const walker = new AxisWalker(context, args, layout, pointers, 0, inner);
    if (inner > 0) {
      const linear = context.pool.take("i32");
      f.get(begin).set(linear);
      walker.seek(linear);
    }
    f.loop((next) => {
      let rowEmitter = launchEmitter;
      program.passes.forEach((pass, i) => {
        rowEmitter = this.rowEmitter(rowEmitter, pass.values);
        this.rowValues.push(this.pass(pass, i, rowEmitter));
      });
      rowEmitter = this.rowEmitter(rowEmitter, program.body);
      this.storePerRow(rowEmitter);
      this.storePerElement(rowEmitter);
      if (inner > 0) walker.step();
      f.get(begin).i32(1).op("i32.add").tee(begin).get(end).op("i32.lt_u").brIf(next);
    });
  }

  /** Pointers to the start of the row. */
  private rewind(): void {
    const { f, operands, pointers, position, context } = this;
    operands.forEach((operand, k) => {
      f.get(pointers.get(k) as Local).set(operand.pointer);
      operand.startRow();
    });
    if (position !== null) {
      context.machine.constant("int32", 0);
      f.set(position);
    }
  }

  /** What some results need that is the same for the whole row. */
  private rowEmitter(outer: Emitter, roots: readonly Node[]): Emitter {
    const { context, leaves, operands, rates } = this;
    this.rewind();
    const emitter = new Emitter(context, leaves.code({ operands, other: this.rowValue }), outer);
    emitter.keepEarly(roots, (node) => rates.of(node) <= RATE.row);
    return emitter;
  }

  private readonly rowValue = (node: Node): void => {
    const value = node.kind === "rowValue" ? this.rowValues[node.pass]?.[node.component] : undefined;
    if (value === undefined) throw new Error(`unexpected ${node.kind} in a row-wise kernel`);
    this.f.get(value);
  };

  /** An inner reduction of the row that starts at the pointers; its result, in every lane. */
  private pass(pass: RowPass, index: number, rowEmitter: Emitter): State {
    const { f, context, left, size } = this;
    const { pool, machine } = context;
    const states = this.states[index] as States;
    const accumulators = Array.from({ length: accumulatorsFor(pass.values, pass.combine, this.program.inputs) }, () =>
      states.take(),
    );
    const [result] = accumulators as [State];
    // Long rows are cut into blocks, and those into groups, so that no accumulator takes up too many values.
    const [blocks, groups, rest, count] = [states.take(), states.take(), pool.take("i32"), pool.take("i32")];
    const blockSize = machine.lanes * accumulators.length * chain;
    const long = (body: () => void): void => void f.get(size).i32(blockSize).op("i32.gt_u").if(body);
    this.rewind();
    if (this.position !== null) {
      machine.positions(this.zero());
      f.set(this.position);
    }
    long(() => {
      states.setIdentity(blocks);
      states.setIdentity(groups);
      f.i32(0).set(count);
    });
    f.get(size).set(rest);
    f.loop((next) => {
      for (const accumulator of accumulators) states.setIdentity(accumulator);
      f.get(rest).i32(blockSize).get(rest).i32(blockSize).op("i32.lt_u").op("select").set(left);
      f.get(rest).get(left).op("i32.sub").set(rest);
      this.reduce(pass, index, states, accumulators, rowEmitter);
      states.combineAll(accumulators);
      long(() => {
        states.combine(blocks, result, blocks);
        f.get(count).i32(1).op("i32.add").tee(count).i32(chain).op("i32.eq");
        f.if(() => {
          states.combine(groups, blocks, groups);
          states.setIdentity(blocks);
          f.i32(0).set(count);
        });
        f.get(rest).brIf(next);
      });
    });
    long(() => states.combine(groups, blocks, result));
    states.combineLanes(result);
    if (machine.lanes > 1) {
      for (const local of result) {
        machine.permute(local, [0, 0, 0, 0]);
        f.set(local);
      }
    }
    return result;
  }

  private zero(): Local {
    const zero = this.context.pool.take("i32");
    this.f.i32(0).set(zero);
    return zero;
  }

  /** Combines the next `left` elements with the accumulators. */
  private reduce(
    pass: RowPass,
    index: number,
    states: States,
    accumulators: readonly State[],
    rowEmitter: Emitter,
  ): void {
    const { f, context, stored, operands } = this;
    const { pool, machine } = context;
    const target = stored?.pass === index ? (operands.get(stored.output) as RowOperand) : null;
    emitInnerLoop(context, {
      operands: this.moving(pass.values, index),
      left: this.left,
      unroll: accumulators.length,
      position: this.position,
      masks: true,
      body: (step) => {
        const emitter = this.elementEmitter(step, index, rowEmitter);
        emitter.announce(target === null || stored === null ? pass.values : [...pass.values, stored.node]);
        if (target !== null && stored !== null) target.store(step, emitter.keep(stored.node));
        const values = pass.values.map((node, c) => {
          const value = pool.take(machine.valueType(node.type));
          emitter.push(node);
          if (step.tail !== null) {
            states.pushIdentity(c);
            f.get(step.tail.mask).op("v128.bitselect");
          }
          f.set(value);
          return value;
        });
        const accumulator = accumulators[step.copy] as State;
        states.combine(accumulator, values, accumulator);
      },
    });
  }

  private elementEmitter(step: Step, pass: number, rowEmitter: Emitter): Emitter {
    const { context, leaves, operands, position, stored } = this;
    const code = leaves.code({ operands, step, position, other: this.rowValue });
    const inMemory =
      stored !== null && pass > stored.pass
        ? new Map([[stored.node, () => (operands.get(stored.output) as RowOperand).load(step)]])
        : undefined;
    return new Emitter(context, code, rowEmitter, inMemory);
  }

  /** The operands that a loop reads or writes, apart from outputs of the last one. */
  private moving(roots: readonly Node[], pass: number): RowOperand[] {
    const { operands, stored, program } = this;
    const moving = new Set<RowOperand>();
    const used = new Set([...allNodes(roots)].flatMap((node) => (node.kind === "parameter" ? [node.index] : [])));
    let k = program.outputs.length;
    program.inputs.forEach(({ layout }, i) => {
      if (layout === "number") return;
      if (used.has(i)) moving.add(operands.get(k) as RowOperand);
      k++;
    });
    if (stored !== null && pass >= stored.pass) moving.add(operands.get(stored.output) as RowOperand);
    return [...moving];
  }

  private storePerRow(rowEmitter: Emitter): void {
    const { context, f, operands, program, leaves } = this;
    const { pool, machine } = context;
    const outputs = program.body.flatMap((node, k) => (program.per[k] === "row" ? [{ node, k }] : []));
    if (outputs.length === 0) return;
    this.rewind();
    pool.scoped(() => {
      const step: Step = { displacement: 0, copy: 0, tail: null };
      const code = leaves.code({ operands, step, position: this.position, other: this.rowValue });
      const emitter = new Emitter(context, code, rowEmitter);
      emitter.announce(outputs.map(({ node }) => node));
      for (const { node, k } of outputs) {
        const value = pool.take(machine.valueType(node.type));
        emitter.push(node);
        f.set(value);
        (operands.get(k) as RowOperand).storeFirst(value);
      }
    });
  }

  private storePerElement(rowEmitter: Emitter): void {
    const { context, f, operands, program, left, size } = this;
    const { pool, machine } = context;
    const outputs = program.body.flatMap((node, k) => (program.per[k] === "element" ? [{ node, k }] : []));
    if (outputs.length === 0) return;
    const roots = outputs.map(({ node }) => node);
    this.rewind();
    if (this.position !== null) {
      machine.positions(this.zero());
      f.set(this.position);
    }
    f.get(size).set(left);
    const targets = outputs.map(({ k }) => operands.get(k) as RowOperand);
    emitInnerLoop(context, {
      operands: [...new Set([...targets, ...this.moving(roots, program.passes.length)])],
      left,
      unroll: unrollFor(roots),
      position: this.position,
      masks: false,
      body: (step) => {
        const emitter = this.elementEmitter(step, program.passes.length, rowEmitter);
        emitter.announce(roots);
        const values = outputs.map(({ node }) => {
          const value = pool.take(machine.valueType(node.type));
          emitter.push(node);
          f.set(value);
          return value;
        });
        values.forEach((value, i) => (targets[i] as RowOperand).store(step, value));
      },
    });
  }
}
