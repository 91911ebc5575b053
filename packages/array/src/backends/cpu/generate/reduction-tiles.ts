/**
 * Reductions whose innermost axis is kept: neighbouring outputs are the lanes of a vector. A tile is a stretch of outputs
 * along the innermost kept axis; the states of a tile lie in memory, where rows of elements are combined with them one
 * after the other, so that memory is read in order.
 */
import type { ReductionProgram } from "../../../kernel/program.js";
import type { Callable, FunctionBuilder, Local } from "../wasm/assembler.js";
import { AxisWalker } from "./axes.js";
import { appendOf, costOf, unrollFor } from "./cost.js";
import { Emitter } from "./emitter.js";
import { emitInnerLoop, RowOperand } from "./inner-loop.js";
import { Leaves } from "./leaves.js";
import { contextOf, type ModuleContext } from "./module-context.js";
import { RATE } from "./nodes.js";
import { operandTypes } from "./operand-types.js";
import { REDUCTION_MODE } from "./reduction-arguments.js";
import { emitFinish, readWord } from "./reduction-lines.js";
import { addMerge, States, type State } from "./states.js";

type Reduction = ModuleContext<ReductionProgram>;

/**
 * Rows that are combined with each other before they are combined with what is in memory, and how many vectors of each are
 * taken in one go. Where there is little to compute, memory is what a sum waits for: many rows, and a cache line of each, let
 * the processor fetch ahead.
 */
function shapeOf(program: ReductionProgram): { readonly rowsAtOnce: number; readonly unroll: number } {
  const cost = costOf([...program.map, ...appendOf(program).body], 4);
  return cost <= 8 ? { rowsAtOnce: 8, unroll: 4 } : { rowsAtOnce: 4, unroll: unrollFor(program.map) };
}

/** Emits the module's functions; `run` has been declared. */
export function emitTiles(reduction: Reduction, run: FunctionBuilder): void {
  const { module, program, layout, lanes } = reduction;
  const { combine, keptRank } = program;
  const part = addPart(reduction);
  const merge = addMerge(module, (f) => contextOf(reduction, f), combine);

  const f = run;
  const context = contextOf(reduction, f);
  const { pool } = context;
  const [args, begin, end] = [f.param(0), f.param(1), f.param(2)];
  const [mode, parts, partSize, size, scratch, width] = (
    ["mode", "parts", "partSize", "size", "scratch", "tileWidth"] as const
  ).map((name) => readWord(context, reduction, args, name)) as [Local, Local, Local, Local, Local, Local];
  const states = new States(context, combine);
  const state = states.take();
  const inner = keptRank - 1;
  const operands = operandTypes(program).map(({ dtype, layout: kind }, k) => {
    // An output that does not move is a single element.
    const written = k < program.outputs.length;
    const operand = new RowOperand(context, dtype, written && kind === "broadcast" ? "strided" : kind);
    operand.prepare(args, layout, k, inner);
    return operand;
  });
  const outputs = operands.slice(0, program.outputs.length);
  const pointers = new Map(operands.map(({ pointer }, k) => [k, pointer]));
  const walker = new AxisWalker(context, args, layout, pointers, 0, inner);
  const local = (): Local => pool.take("i32");
  const [columns, tiles, tileBytes, tile, partIndex, from, to] = [
    local(),
    local(),
    local(),
    local(),
    local(),
    local(),
    local(),
  ];
  const [offset, count, first, at] = [local(), local(), local(), local()];

  f.get(args)
    .load("i32.load", { offset: layout.length(inner) })
    .set(columns);
  f.get(columns).get(width).op("i32.add").i32(1).op("i32.sub").get(width).op("i32.div_u").set(tiles);
  f.get(width)
    .i32(states.bytes / lanes)
    .op("i32.mul")
    .set(tileBytes);

  /** To tile number `tile`; the number of its columns in `count`. */
  const seek = (): void => {
    operands.forEach(({ pointer }, k) =>
      f
        .get(args)
        .load("i32.load", { offset: layout.pointer(k) })
        .set(pointer),
    );
    f.get(tile).get(tiles).op("i32.rem_u").get(width).op("i32.mul").set(offset);
    operands.forEach((operand) => operand.move(offset));
    f.get(columns).get(offset).op("i32.sub").tee(count).get(width).get(count).get(width).op("i32.lt_u").op("select");
    f.set(count);
    f.get(tile).get(tiles).op("i32.div_u").set(tile);
    if (inner > 0) walker.seek(tile);
  };
  const callPart = (): void => {
    f.get(partIndex).get(partSize).op("i32.mul").tee(from).get(partSize).op("i32.add").set(to);
    f.get(args);
    for (const { pointer } of operands.slice(outputs.length)) f.get(pointer);
    f.get(count);
    f.get(from).get(to).get(size).get(to).get(size).op("i32.lt_u").op("select");
    f.get(at).call(part);
    f.get(at).get(tileBytes).op("i32.add").set(at);
  };
  const next = (): void => void f.get(begin).i32(1).op("i32.add").tee(begin).get(end).op("i32.lt_u");

  f.get(mode).i32(REDUCTION_MODE.parts).op("i32.eq");
  f.if(() => {
    f.get(scratch).get(begin).get(tileBytes).op("i32.mul").op("i32.add").set(at);
    f.loop((again) => {
      f.get(begin).get(parts).op("i32.div_u").set(tile);
      f.get(begin).get(parts).op("i32.rem_u").set(partIndex);
      seek();
      callPart();
      next();
      f.brIf(again);
    });
    f.op("return");
  });

  f.loop((again) => {
    f.get(begin).set(tile);
    seek();
    f.get(scratch).get(begin).get(parts).op("i32.mul").get(tileBytes).op("i32.mul").op("i32.add").tee(at).set(first);
    f.get(mode).i32(REDUCTION_MODE.whole).op("i32.eq");
    f.if(() => {
      f.i32(0).set(partIndex);
      f.loop((nextPart) => {
        callPart();
        f.get(partIndex).i32(1).op("i32.add").tee(partIndex).get(parts).op("i32.lt_u").brIf(nextPart);
      });
    });
    f.get(first).get(parts).get(tileBytes);
    f.get(count)
      .i32(lanes - 1)
      .op("i32.add")
      .i32(lanes)
      .op("i32.div_u")
      .call(merge);
    for (const output of outputs) output.startRow();
    emitInnerLoop(context, {
      operands: outputs,
      moving: [{ pointer: first, bytes: states.bytes }],
      left: count,
      unroll: 1,
      position: null,
      masks: false,
      body: (step) => {
        states.load(state, first);
        emitFinish(context, program, state, size, (i, value) => outputs[i]?.store(step, value));
      },
    });
    next();
    f.brIf(again);
  });
}

/**
 * Adds `part(args, …inputs, count, from, to, states)`: combines rows from … to - 1 of the `count` columns at the pointers
 * and leaves their states in memory.
 */
function addPart(reduction: Reduction): Callable {
  const { module, program, layout, lanes } = reduction;
  const { keptRank, rank } = program;
  const firstInput = program.outputs.length;
  const types = operandTypes(program).slice(firstInput);
  const params = ["i32", ...types.map(() => "i32"), "i32", "i32", "i32", "i32"] as "i32"[];
  const f = module.function("part", { params, results: [] }, false);
  const context = contextOf(reduction, f);
  const { pool } = context;
  const args = f.param(0);
  const [count, from, to, memory] = [0, 1, 2, 3].map((i) => f.param(1 + types.length + i)) as [
    Local,
    Local,
    Local,
    Local,
  ];
  // Rows come in order, so that all that is done here is to append.
  const states = new States(context, appendOf(program));
  const state = states.take();
  const [at, left] = [pool.take("i32"), pool.take("i32")];

  // Every state begins as the identity.
  states.setIdentity(state);
  f.get(memory).set(at);
  f.get(count)
    .i32(lanes - 1)
    .op("i32.add")
    .i32(lanes)
    .op("i32.div_u")
    .set(left);
  f.loop((next) => {
    states.store(state, at);
    f.get(at).i32(states.bytes).op("i32.add").set(at);
    f.get(left).i32(1).op("i32.sub").tee(left).brIf(next);
  });

  const bases = new Map(types.map((_, i) => [firstInput + i, f.param(1 + i)]));
  const walker = new AxisWalker(context, args, layout, bases, keptRank, rank);
  const { rowsAtOnce, unroll } = shapeOf(program);
  const rows = Array.from({ length: rowsAtOnce }, () => {
    const operands = new Map(
      types.map((type, i) => [firstInput + i, new RowOperand(context, type.dtype, type.layout)]),
    );
    operands.forEach((operand, k) => operand.prepare(args, layout, k, keptRank - 1));
    return operands;
  });
  const leaves = new Leaves(context, program, layout, args, readWord(context, reduction, args, "size"));
  const rates = leaves.rates(RATE.row);
  const launchEmitter = new Emitter(context, leaves.code({ operands: new Map() }));
  launchEmitter.keepEarly(program.map, (node) => rates.of(node) === RATE.launch);

  /** Combines rows with the states, and goes on to the next. */
  const combineRows = (taken: typeof rows): void => {
    const emitters = taken.map((operands) => {
      operands.forEach((operand, k) => {
        f.get(bases.get(k) as Local).set(operand.pointer);
        operand.startRow();
      });
      let position: Local | null = null;
      if (program.usesIndex) {
        position = pool.take(context.machine.valueType("int32"));
        context.machine.spread(from);
        f.set(position);
      }
      const emitter = new Emitter(context, leaves.code({ operands, position }), launchEmitter);
      emitter.keepEarly(program.map, (node) => rates.of(node) <= RATE.row);
      walker.step();
      f.get(from).i32(1).op("i32.add").set(from);
      return emitter;
    });
    f.get(memory).set(at);
    f.get(count).set(left);
    emitInnerLoop(context, {
      operands: taken.flatMap((operands) => [...operands.values()]),
      moving: [{ pointer: at, bytes: states.bytes }],
      left,
      unroll,
      position: null,
      masks: false,
      body: (step) => {
        const map = (i: number): State => {
          const operands = taken[i] as (typeof rows)[number];
          const emitter = new Emitter(context, leaves.code({ operands, step }), emitters[i] ?? null);
          emitter.announce(program.map);
          return program.map.map((node) => {
            const value = pool.take(context.machine.valueType(node.type));
            emitter.push(node);
            f.set(value);
            return value;
          });
        };
        // Pairwise, and as soon as both are there, so that few values wait in registers.
        const combined = (first: number, ofRows: number): State => {
          if (ofRows === 1) return map(first);
          const half = ofRows / 2;
          const above = combined(first, half);
          pool.scoped(() => states.combine(above, combined(first + half, half), above));
          return above;
        };
        const together = combined(0, taken.length);
        const offset = (step.displacement / lanes) * states.bytes;
        states.load(state, at, offset);
        states.combine(state, together, state);
        states.store(state, at, offset);
      },
    });
  };

  f.get(from)
    .get(to)
    .op("i32.lt_u")
    .op("i32.eqz")
    .if(() => f.op("return"));
  f.get(from).set(left);
  walker.seek(left);
  f.block((done) => {
    f.loop((next) => {
      f.get(to).get(from).op("i32.sub").i32(rowsAtOnce).op("i32.lt_u").brIf(done);
      pool.scoped(() => combineRows(rows));
      f.br(next);
    });
  });
  f.block((done) => {
    f.loop((next) => {
      f.get(from).get(to).op("i32.ge_u").brIf(done);
      pool.scoped(() => combineRows(rows.slice(0, 1)));
      f.br(next);
    });
  });
  return f;
}
