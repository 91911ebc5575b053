/**
 * Reductions whose innermost axis is reduced: every output comes from a line of elements (or from several), which are
 * combined as vectors along the line, and across the lanes of a vector only at its end.
 */
import type { ReductionProgram } from "../../../kernel/program.js";
import type { Callable, FunctionBuilder, Local } from "../wasm/assembler.js";
import { AxisWalker } from "./axes.js";
import { accumulatorsFor, appendOf } from "./cost.js";
import { Emitter, type Context } from "./emitter.js";
import { emitInnerLoop, RowOperand, type Step } from "./inner-loop.js";
import { Leaves } from "./leaves.js";
import { valueTypeOf } from "./machine.js";
import { contextOf, type ModuleContext } from "./module-context.js";
import { RATE } from "./nodes.js";
import { operandTypes } from "./operand-types.js";
import { REDUCTION_MODE, REDUCTION_WORDS } from "./reduction-arguments.js";
import { addMerge, States, type State } from "./states.js";

type Reduction = ModuleContext<ReductionProgram>;

/** Emits the module's functions; `run` has been declared. */
export function emitLines(reduction: Reduction, run: FunctionBuilder): void {
  const { module, program, layout } = reduction;
  const { combine, keptRank } = program;
  const part = addPart(reduction);
  const merge = addMerge(module, (f) => contextOf(reduction, f), combine);

  const f = run;
  const context = contextOf(reduction, f);
  const { pool } = context;
  const [args, begin, end] = [f.param(0), f.param(1), f.param(2)];
  const word = (name: keyof typeof REDUCTION_WORDS): Local => readWord(context, reduction, args, name);
  const [mode, parts, partSize, size] = [word("mode"), word("parts"), word("partSize"), word("size")];
  const [units, partsAtOnce] = [word("units"), word("partsAtOnce")];
  const [first, at, partIndex, from, to, linear] = [1, 2, 3, 4, 5, 6].map(() => pool.take("i32")) as [
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
  ];
  const states = new States(context, combine);
  const state = states.take();
  const types = operandTypes(program);
  const outputs = program.outputs.map(({ dtype }) => new RowOperand(context, dtype, "strided"));
  const pointers = types.map((_, k) => outputs[k]?.pointer ?? pool.take("i32"));
  const walker = new AxisWalker(context, args, layout, new Map(pointers.entries()), 0, keptRank);

  /** To output number `linear`. */
  const seek = (): void => {
    pointers.forEach((pointer, k) =>
      f
        .get(args)
        .load("i32.load", { offset: layout.pointer(k) })
        .set(pointer),
    );
    if (keptRank > 0) walker.seek(linear);
  };
  const callPart = (): void => {
    f.get(partIndex).get(partSize).op("i32.mul").tee(from).get(partSize).op("i32.add").set(to);
    f.get(args);
    for (const pointer of pointers.slice(outputs.length)) f.get(pointer);
    f.get(from).get(to).get(size).get(to).get(size).op("i32.lt_u").op("select").call(part);
    for (const local of [...state].reverse()) f.set(local);
  };
  const nextOutput = (): void => void f.get(begin).i32(1).op("i32.add").tee(begin).get(end).op("i32.lt_u");

  f.get(mode).i32(REDUCTION_MODE.parts).op("i32.eq");
  f.if(() => {
    f.loop((next) => {
      f.get(begin).get(partsAtOnce).op("i32.div_u").tee(at);
      f.get(units).op("i32.rem_u").set(linear);
      f.get(at).get(units).op("i32.div_u").get(partsAtOnce).op("i32.mul");
      f.get(begin).get(partsAtOnce).op("i32.rem_u").op("i32.add").set(partIndex);
      seek();
      callPart();
      f.get(args).load("i32.load", { offset: layout.extra(REDUCTION_WORDS.scratch) });
      f.get(linear).get(parts).op("i32.mul").get(partIndex).op("i32.add").i32(states.bytes).op("i32.mul");
      f.op("i32.add").set(at);
      states.store(state, at);
      nextOutput();
      f.brIf(next);
    });
    f.op("return");
  });

  f.get(args).load("i32.load", { offset: layout.extra(REDUCTION_WORDS.scratch) });
  f.get(begin).get(parts).op("i32.mul").i32(states.bytes).op("i32.mul").op("i32.add").set(at);
  f.get(begin).set(linear);
  seek();
  f.loop((next) => {
    f.i32(0).set(partIndex);
    f.get(parts).i32(1).op("i32.eq");
    f.if(callPart, () => {
      f.get(at).set(first);
      f.get(mode).i32(REDUCTION_MODE.merge).op("i32.eq");
      f.if(
        () => f.get(at).get(parts).i32(states.bytes).op("i32.mul").op("i32.add").set(at),
        () =>
          f.loop((nextPart) => {
            callPart();
            states.store(state, at);
            f.get(at).i32(states.bytes).op("i32.add").set(at);
            f.get(partIndex).i32(1).op("i32.add").tee(partIndex).get(parts).op("i32.lt_u").brIf(nextPart);
          }),
      );
      f.get(first).get(parts).i32(states.bytes).i32(1).call(merge);
      states.load(state, first);
    });
    states.combineLanes(state);
    emitFinish(context, program, state, size, (i, value) => outputs[i]?.storeFirst(value));
    if (keptRank > 0) walker.step();
    nextOutput();
    f.brIf(next);
  });
}

/** A local with an extra word of the argument block. */
export function readWord(
  { f, pool }: Context,
  { layout }: Reduction,
  args: Local,
  name: keyof typeof REDUCTION_WORDS,
): Local {
  const local = pool.take("i32");
  f.get(args)
    .load("i32.load", { offset: layout.extra(REDUCTION_WORDS[name]) })
    .set(local);
  return local;
}

/** Computes the results from a state and hands them over. */
export function emitFinish(
  context: Context,
  { finish }: ReductionProgram,
  state: State,
  size: Local,
  store: (output: number, value: Local) => void,
): void {
  const { f, machine, pool } = context;
  pool.scoped(() => {
    const emitter = new Emitter(context, (node) => {
      if (node.kind === "parameter") f.get(state[node.index] as Local);
      else if (node.kind === "size") machine.spread(size);
      else throw new Error(`unexpected ${node.kind} at the end of a reduction`);
    });
    emitter.announce(finish);
    finish.forEach((node, i) => {
      const value = pool.take(machine.valueType(node.type));
      emitter.push(node);
      f.set(value);
      store(i, value);
    });
  });
}

/** Adds `part(args, …inputs, from, to)`: the state of positions from … to - 1 along the line at the pointers. */
function addPart(reduction: Reduction): Callable {
  const { module, program, layout, lanes } = reduction;
  const { combine, keptRank, rank } = program;
  const first = program.outputs.length;
  const types = operandTypes(program).slice(first);
  const f = module.function(
    "part",
    {
      params: ["i32", ...types.map(() => "i32" as const), "i32", "i32"],
      results: combine.types.map((t) => valueTypeOf(lanes, t)),
    },
    false,
  );
  const context = contextOf(reduction, f);
  const { machine, pool } = context;
  const args = f.param(0);
  const [from, to] = [f.param(1 + types.length), f.param(2 + types.length)];
  const inner = rank - 1;
  const operands = new Map(types.map((type, i) => [first + i, new RowOperand(context, type.dtype, type.layout)]));
  operands.forEach((operand, k) => operand.prepare(args, layout, k, inner));
  const leaves = new Leaves(context, program, layout, args, readWord(context, reduction, args, "size"));
  const rates = leaves.rates();
  const launchEmitter = new Emitter(context, leaves.code({ operands }));
  launchEmitter.keepEarly(program.map, (node) => rates.of(node) === RATE.launch);

  const states = new States(context, combine);
  const append = appendOf(program);
  const steps = append === combine ? states : new States(context, append);
  const accumulators = Array.from({ length: accumulatorsFor(program.map, append, program.inputs) }, () =>
    states.take(),
  );
  for (const accumulator of accumulators) states.setIdentity(accumulator);
  // Of what is shorter, only the first accumulator takes anything up.
  const many = pool.take("i32");
  f.get(to).get(from).op("i32.sub");
  f.i32(lanes * accumulators.length)
    .op("i32.ge_u")
    .set(many);
  const left = pool.take("i32");
  const position = program.usesIndex ? pool.take(machine.valueType("int32")) : null;

  const combineStep = (step: Step, outer: Emitter): void => {
    const emitter = new Emitter(context, leaves.code({ operands, step, position }), outer);
    emitter.announce(program.map);
    const values = program.map.map((node, c) => {
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
    steps.combine(accumulator, values, accumulator);
  };
  const row = (): void => {
    const rowEmitter = new Emitter(context, leaves.code({ operands }), launchEmitter);
    rowEmitter.keepEarly(program.map, (node) => rates.of(node) <= RATE.row);
    operands.forEach((operand) => operand.startRow());
    if (position !== null) {
      machine.positions(from);
      f.set(position);
    }
    emitInnerLoop(context, {
      operands: [...operands.values()],
      left,
      unroll: accumulators.length,
      position,
      masks: true,
      body: (step) => combineStep(step, rowEmitter),
    });
  };

  const bases = new Map(types.map((_, i) => [first + i, f.param(1 + i)]));
  if (rank - keptRank === 1) {
    operands.forEach((operand, k) => f.get(bases.get(k) as Local).set(operand.pointer));
    operands.forEach((operand) => operand.move(from));
    f.get(to).get(from).op("i32.sub").set(left);
    row();
  } else {
    emitRuns(context, reduction, { args, from, to, left, bases, operands, row });
  }
  f.get(many).if(() => states.combineAll(accumulators));
  for (const local of accumulators[0] as State) f.get(local);
  return f;
}

/** Positions from … to - 1 where the line consists of several runs along the innermost axis. */
function emitRuns(
  context: Context,
  { program, layout }: Reduction,
  part: {
    readonly args: Local;
    readonly from: Local;
    readonly to: Local;
    readonly left: Local;
    readonly bases: ReadonlyMap<number, Local>;
    readonly operands: ReadonlyMap<number, RowOperand>;
    readonly row: () => void;
  },
): void {
  const { f, pool } = context;
  const { args, from, to, left, bases, operands, row } = part;
  const inner = program.rank - 1;
  const [length, column, run] = [pool.take("i32"), pool.take("i32"), pool.take("i32")];
  f.get(from).get(to).op("i32.lt_u");
  f.if(() => {
    f.get(args)
      .load("i32.load", { offset: layout.length(inner) })
      .set(length);
    f.get(from).get(length).op("i32.rem_u").set(column);
    f.get(from).get(length).op("i32.div_u").set(run);
    const walker = new AxisWalker(context, args, layout, bases, program.keptRank, inner);
    walker.seek(run);
    f.loop((next) => {
      operands.forEach((operand, k) => f.get(bases.get(k) as Local).set(operand.pointer));
      operands.forEach((operand) => operand.move(column));
      // To the end of the run or of the part.
      f.get(length).get(column).op("i32.sub").tee(left);
      f.get(to).get(from).op("i32.sub").tee(run);
      f.get(left).get(run).op("i32.lt_u").op("select").tee(left).set(run);
      row();
      f.i32(0).set(column);
      walker.step();
      f.get(from).get(run).op("i32.add").tee(from).get(to).op("i32.lt_u").brIf(next);
    });
  });
}
