/**
 * Row-wise kernels whose rows lie across memory: neighbouring rows are the lanes of a vector, and every lane goes through
 * its own row. (Rows along the last axis of an array are `rowwise.ts`'s.)
 */
import type { Layout, Node, RowPass, RowwiseProgram } from "../../../kernel/program.js";
import type { FunctionBuilder, Local } from "../wasm/assembler.js";
import { AxisWalker } from "./axes.js";
import { chain } from "./cost.js";
import { Emitter, type Context } from "./emitter.js";
import { emitInnerLoop, RowOperand, type Step } from "./inner-loop.js";
import { Leaves } from "./leaves.js";
import { contextOf, type ModuleContext } from "./module-context.js";
import { RATE, type Rates } from "./nodes.js";
import { operandTypes } from "./operand-types.js";
import { States, type State } from "./states.js";
import type { StoredValue } from "./stored-value.js";

/** Extra words in the argument block: rows of a unit of the range. */
export const ACROSS_WORDS = { rows: 0 } as const;

/** How each operand moves from row to row. */
export type AcrossLayouts = readonly Exclude<Layout, "strided">[];

/** Emits `run(args, begin, end)`: groups of neighbouring rows along the axis before the row axis. */
export function emitAcross(
  generated: ModuleContext<RowwiseProgram>,
  run: FunctionBuilder,
  layouts: AcrossLayouts,
  stored: StoredValue | null,
): void {
  new AcrossCode(generated, run, contextOf(generated, run), layouts, stored).emit();
}

class AcrossCode {
  /** At the first elements of the rows. */
  private readonly starts: ReadonlyMap<number, RowOperand>;
  /** At the current elements of the rows. */
  private readonly current: ReadonlyMap<number, RowOperand>;
  private readonly size: Local;
  private readonly counter: Local;
  private readonly position: Local | null;
  private readonly leaves: Leaves;
  private readonly rates: Rates;
  private readonly launchEmitter: Emitter;
  private readonly rowValues: State[] = [];
  private readonly states: readonly States[];

  constructor(
    private readonly generated: ModuleContext<RowwiseProgram>,
    private readonly f: FunctionBuilder,
    private readonly context: Context,
    layouts: AcrossLayouts,
    private readonly stored: StoredValue | null,
  ) {
    const { program, layout } = generated;
    const { pool, machine } = context;
    const args = f.param(0);
    this.size = pool.take("i32");
    this.counter = pool.take("i32");
    f.get(args)
      .load("i32.load", { offset: layout.length(program.rank - 1) })
      .set(this.size);
    this.position = program.usesIndex ? pool.take(machine.valueType("int32")) : null;
    const operands = (): ReadonlyMap<number, RowOperand> =>
      new Map(operandTypes(program).map(({ dtype }, k) => [k, new RowOperand(context, dtype, layouts[k] as Layout)]));
    this.starts = operands();
    this.current = operands();
    this.leaves = new Leaves(context, program, layout, args, this.size);
    this.rates = this.leaves.rates();
    this.states = program.passes.map(({ combine }) => new States(context, combine));
    this.launchEmitter = new Emitter(context, this.leaves.code({ operands: this.current }));
    const everything = [...program.body, ...program.passes.flatMap(({ values }) => values)];
    this.launchEmitter.keepEarly(everything, (node) => this.rates.of(node) === RATE.launch);
  }

  emit(): void {
    const { f, context, generated, starts } = this;
    const { pool } = context;
    const { program, layout } = generated;
    const [args, begin, end] = [f.param(0), f.param(1), f.param(2)];
    const across = program.rank - 2;
    const [length, unit, units, first, left] = [1, 2, 3, 4, 5].map(() => pool.take("i32")) as [
      Local,
      Local,
      Local,
      Local,
      Local,
    ];
    f.get(args)
      .load("i32.load", { offset: layout.extra(ACROSS_WORDS.rows) })
      .set(unit);
    f.get(args)
      .load("i32.load", { offset: layout.length(across) })
      .set(length);
    f.get(length).get(unit).op("i32.add").i32(1).op("i32.sub").get(unit).op("i32.div_u").set(units);
    const pointers = new Map([...starts].map(([k, { pointer }]) => [k, pointer]));
    const walker = new AxisWalker(context, args, layout, pointers, 0, across);
    f.loop((next) => {
      pointers.forEach((pointer, k) =>
        f
          .get(args)
          .load("i32.load", { offset: layout.pointer(k) })
          .set(pointer),
      );
      f.get(begin).get(units).op("i32.rem_u").get(unit).op("i32.mul").set(first);
      f.get(unit).get(length).get(first).op("i32.sub").tee(left);
      f.get(unit).get(left).op("i32.lt_u").op("select").set(left);
      if (across > 0) {
        const linear = pool.take("i32");
        f.get(begin).get(units).op("i32.div_u").set(linear);
        walker.seek(linear);
      }
      starts.forEach((operand) => operand.move(first));
      emitInnerLoop(context, {
        operands: [...starts.values()],
        left,
        unroll: 1,
        position: null,
        masks: false,
        body: (step) => this.rows(step),
      });
      f.get(begin).i32(1).op("i32.add").tee(begin).get(end).op("i32.lt_u").brIf(next);
    });
  }

  /** As many rows as there are lanes. */
  private rows(step: Step): void {
    const { program } = this.generated;
    this.rowValues.length = 0;
    let emitter = this.launchEmitter;
    program.passes.forEach((pass, i) => {
      emitter = this.rowEmitter(emitter, pass.values, step);
      this.rowValues.push(this.pass(pass, i, step, emitter));
    });
    emitter = this.rowEmitter(emitter, program.body, step);
    const { body, per } = program;
    const outputs = (kind: "row" | "element"): { node: Node; k: number }[] =>
      body.flatMap((node, k) => (per[k] === kind ? [{ node, k }] : []));
    const [perRow, perElement] = [outputs("row"), outputs("element")];
    const store = (list: typeof perRow, at: ReadonlyMap<number, RowOperand>): void => {
      const element = this.elementEmitter(program.passes.length, step, emitter);
      element.announce(list.map(({ node }) => node));
      const values = list.map(({ node }) => this.value(element, node));
      list.forEach(({ k }, i) => (at.get(k) as RowOperand).store(step, values[i] as Local));
    };
    this.rewind();
    if (perRow.length > 0) this.context.pool.scoped(() => store(perRow, this.starts));
    if (perElement.length > 0) this.eachElement(this.size, () => store(perElement, this.current));
  }

  private pass(pass: RowPass, index: number, step: Step, rowEmitter: Emitter): State {
    const { f, context, size, stored } = this;
    const { pool } = context;
    const states = this.states[index] as States;
    // A chain of values at a time, then chains of chains: no accumulator takes up too many.
    const [result, groups, chainState] = [states.take(), states.take(), states.take()];
    const [rest, count, chained] = [pool.take("i32"), pool.take("i32"), pool.take("i32")];
    states.setIdentity(result);
    states.setIdentity(groups);
    f.get(size).set(rest);
    f.i32(0).set(chained);
    this.rewind();
    f.block((done) => {
      f.loop((next) => {
        f.get(rest).op("i32.eqz").brIf(done);
        states.setIdentity(chainState);
        f.get(rest).i32(chain).get(rest).i32(chain).op("i32.lt_u").op("select").set(count);
        f.get(rest).get(count).op("i32.sub").set(rest);
        this.eachElement(count, () => {
          const emitter = this.elementEmitter(index, step, rowEmitter);
          const kept = stored?.pass === index ? stored : null;
          emitter.announce(kept === null ? pass.values : [...pass.values, kept.node]);
          if (kept !== null) (this.current.get(kept.output) as RowOperand).store(step, emitter.keep(kept.node));
          states.combine(
            chainState,
            pass.values.map((node) => this.value(emitter, node)),
            chainState,
          );
        });
        states.combine(groups, chainState, groups);
        f.get(chained).i32(1).op("i32.add").tee(chained).i32(chain).op("i32.eq");
        f.if(() => {
          states.combine(result, groups, result);
          states.setIdentity(groups);
          f.i32(0).set(chained);
        });
        f.br(next);
      });
    });
    states.combine(result, groups, result);
    return result;
  }

  /** Runs `body` for the next `count` elements, one or more, of the rows; nothing if `count` is 0. */
  private eachElement(count: Local, body: () => void): void {
    const { f, context, counter, position, current, generated } = this;
    const { layout, program } = generated;
    f.get(count).tee(counter);
    f.if(() => {
      f.loop((next) => {
        context.pool.scoped(body);
        for (const [k, { pointer }] of current) {
          f.get(f.param(0)).load("i32.load", { offset: layout.stride(k, program.rank - 1) });
          f.get(pointer).op("i32.add").set(pointer);
        }
        if (position !== null) {
          f.get(position);
          context.machine.constant("int32", 1);
          f.op(context.machine.lanes === 1 ? "i32.add" : "i32x4.add").set(position);
        }
        f.get(counter).i32(1).op("i32.sub").tee(counter).brIf(next);
      });
    });
  }

  /** Back to the first elements. */
  private rewind(): void {
    const { f, context, position, starts, current } = this;
    starts.forEach(({ pointer }, k) => f.get(pointer).set((current.get(k) as RowOperand).pointer));
    if (position !== null) {
      context.machine.constant("int32", 0);
      f.set(position);
    }
  }

  private value(emitter: Emitter, node: Node): Local {
    const { f, context } = this;
    const value = context.pool.take(context.machine.valueType(node.type));
    emitter.push(node);
    f.set(value);
    return value;
  }

  private readonly rowValue = (node: Node): void => {
    const value = node.kind === "rowValue" ? this.rowValues[node.pass]?.[node.component] : undefined;
    if (value === undefined) throw new Error(`unexpected ${node.kind} in a row-wise kernel`);
    this.f.get(value);
  };

  /** What some results need that is the same along the row. */
  private rowEmitter(outer: Emitter, roots: readonly Node[], step: Step): Emitter {
    const { context, leaves, starts, rates } = this;
    const emitter = new Emitter(context, leaves.code({ operands: starts, step, other: this.rowValue }), outer);
    emitter.keepEarly(roots, (node) => rates.of(node) <= RATE.row);
    return emitter;
  }

  private elementEmitter(pass: number, step: Step, rowEmitter: Emitter): Emitter {
    const { context, leaves, current, position, stored } = this;
    const inMemory =
      stored !== null && pass > stored.pass
        ? new Map([[stored.node, () => (current.get(stored.output) as RowOperand).load(step)]])
        : undefined;
    const code = leaves.code({ operands: current, step, position, other: this.rowValue });
    return new Emitter(context, code, rowEmitter, inMemory);
  }
}
