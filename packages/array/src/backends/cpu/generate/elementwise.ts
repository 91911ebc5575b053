import type { ElementwiseProgram, Node } from "../../../kernel/program.js";
import type { FunctionBuilder } from "../wasm/assembler.js";
import type { ArgumentLayout } from "./arguments.js";
import { AxisWalker } from "./axes.js";
import { unrollFor } from "./cost.js";
import { Emitter, type Context } from "./emitter.js";
import { emitInnerLoop, RowOperand } from "./inner-loop.js";
import { Leaves } from "./leaves.js";
import { allNodes, RATE } from "./nodes.js";
import { operandTypes } from "./operand-types.js";

/**
 * Emits `run(args, begin, end)`: elements begin … end - 1 if there is one loop axis, else that many rows along the
 * innermost of them.
 */
export function emitElementwise(
  f: FunctionBuilder,
  context: Context,
  program: ElementwiseProgram,
  layout: ArgumentLayout,
): void {
  const { machine, pool } = context;
  const [args, begin, end] = [f.param(0), f.param(1), f.param(2)];
  const inner = program.rank - 1;
  const operands = operandTypes(program).map((type, k) => {
    // A result that does not move is a single element.
    const kind = k < program.outputs.length && type.layout === "broadcast" ? "strided" : type.layout;
    const operand = new RowOperand(context, type.dtype, kind);
    operand.prepare(args, layout, k, inner);
    return operand;
  });
  const byNumber = new Map(operands.entries());
  const leaves = new Leaves(context, program, layout, args);
  const rates = leaves.rates();
  const launchEmitter = new Emitter(context, leaves.code({ operands: byNumber }));
  launchEmitter.keepEarly(program.body, (node) => rates.of(node) === RATE.launch);

  const left = pool.take("i32");
  const position = program.usesIndex ? pool.take(machine.valueType("int32")) : null;
  const masks = [...allNodes(program.body)].some((node) => node.kind === "at");
  const row = (): void => {
    const rowEmitter = new Emitter(context, leaves.code({ operands: byNumber }), launchEmitter);
    rowEmitter.keepEarly(program.body, (node) => rates.of(node) <= RATE.row);
    operands.forEach((operand) => operand.startRow());
    emitInnerLoop(context, {
      operands,
      left,
      unroll: unrollFor(program.body),
      position,
      masks,
      body: (step) => {
        const emitter = new Emitter(context, leaves.code({ operands: byNumber, step, position }), rowEmitter);
        emitter.announce(program.body);
        // An output may be an input: everything is computed before anything is stored.
        const values = program.body.map((node: Node) => {
          const value = pool.take(machine.valueType(node.type));
          emitter.push(node);
          f.set(value);
          return value;
        });
        values.forEach((value, i) => (operands[i] as RowOperand).store(step, value));
      },
    });
  };

  if (program.rank === 1) {
    operands.forEach(({ pointer }, k) =>
      f
        .get(args)
        .load("i32.load", { offset: layout.pointer(k) })
        .set(pointer),
    );
    operands.forEach((operand) => operand.move(begin));
    f.get(end).get(begin).op("i32.sub").set(left);
    if (position !== null) {
      machine.positions(begin);
      f.set(position);
    }
    row();
    return;
  }
  const rowPointers = new Map(operands.map((_, k) => [k, pool.take("i32")]));
  rowPointers.forEach((pointer, k) =>
    f
      .get(args)
      .load("i32.load", { offset: layout.pointer(k) })
      .set(pointer),
  );
  const walker = new AxisWalker(context, args, layout, rowPointers, 0, inner);
  const linear = pool.take("i32");
  f.get(begin).set(linear);
  walker.seek(linear);
  f.loop((next) => {
    rowPointers.forEach((pointer, k) => f.get(pointer).set((operands[k] as RowOperand).pointer));
    f.get(args)
      .load("i32.load", { offset: layout.length(inner) })
      .set(left);
    if (position !== null) {
      f.get(begin).get(left).op("i32.mul").set(linear);
      machine.positions(linear);
      f.set(position);
    }
    row();
    walker.step();
    f.get(begin).i32(1).op("i32.add").tee(begin).get(end).op("i32.lt_u").brIf(next);
  });
}
