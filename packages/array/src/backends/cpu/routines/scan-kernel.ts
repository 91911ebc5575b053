import type { DType } from "../../../dtype.js";
import { computeType } from "../../../kernel/lower.js";
import { emitInnerLoop, RowOperand } from "../generate/inner-loop.js";
import { Library } from "../generate/library.js";
import { contextOf } from "../generate/module-context.js";
import type { Local, MemoryType, ModuleBuilder } from "../wasm/assembler.js";
import { eachFrom, kernel, operation } from "./table-kernels.js";
import { readWords } from "./words.js";

/** What a run of the kernel does. */
export const SCAN_MODE = {
  /** Blocks begin … end - 1, one after the other, from the first block of a row on. */
  whole: 0,
  /** The totals of blocks begin … end - 1, but for the last of a row. */
  totals: 1,
  /** Of rows begin … end - 1: replaces the total of every block by that of all before it. */
  bases: 2,
  /** Blocks begin … end - 1, from what is before them on. */
  rest: 3,
} as const;

/** Bytes of a block's total. */
export const totalBytes = 16;

/**
 * Running sums or products of the rows of a matrix. A row is cut into blocks: what runs up within one is combined with what is before it,
 * whoever computes that, so that blocks may be computed by several threads.
 *
 * Words: x, out, length (of a row), block (its elements, a multiple of 4), blocks (of a row), totals (one for each block), mode.
 */
export function scanKernel(memory: MemoryType, dtype: DType, op: "add" | "mul"): ModuleBuilder {
  const { module, f, begin, end } = kernel(memory);
  const { x, out, length, block, blocks, totals, mode } = readWords(
    f,
    "x",
    "out",
    "length",
    "block",
    "blocks",
    "totals",
    "mode",
  );
  const lanes = dtype === "float64" ? 1 : 4;
  const context = contextOf({ lanes, library: new Library(module, []) }, f);
  const { machine, pool } = context;
  const type = computeType(dtype);
  const valueType = machine.valueType(type);
  const [source, target] = [0, 1].map(() => new RowOperand(context, dtype, "contiguous")) as [RowOperand, RowOperand];
  const [identity, base, sofar] = [0, 1, 2].map(() => pool.take(valueType)) as [Local, Local, Local];
  const [unit, inRow, left, at] = [0, 1, 2, 3].map(() => pool.take("i32")) as [Local, Local, Local, Local];
  const instruction = operation(dtype, op);
  const access = valueType === "v128" ? (["v128.load", "v128.store"] as const) : (["f64.load", "f64.store"] as const);

  machine.constant(type, op === "add" ? 0 : 1);
  f.set(identity);
  /** Pushes the combination of what two functions push. */
  const combine = (first: () => unknown, second: () => unknown): void =>
    machine.operation(instruction, (operand) => void (operand === instruction.args[0] ? first() : second()));
  const totalOf = (index: Local): void =>
    void f.get(totals).get(index).i32(totalBytes).op("i32.mul").op("i32.add").set(at);
  /** Of the next `left` elements: running values from the first of them on, combined with `base`. */
  const run = (stores: boolean): void => {
    emitInnerLoop(context, {
      operands: stores ? [source, target] : [source],
      left,
      unroll: 2,
      position: null,
      masks: false,
      body: (step) => {
        const value = pool.take(valueType);
        source.load(step);
        f.set(value);
        if (lanes === 4) {
          // Lane i of the vector becomes the combination of lanes 0 to i.
          for (const shifted of [[3, 4, 5, 6] as const, [2, 3, 4, 5] as const]) {
            combine(
              () => f.get(identity).get(value).shuffle32(shifted),
              () => f.get(value),
            );
            f.set(value);
          }
        }
        const result = pool.take(valueType);
        if (stores) {
          combine(
            () => f.get(sofar),
            () => f.get(value),
          );
          f.set(result);
          combine(
            () => f.get(base),
            () => f.get(result),
          );
          f.set(result);
          target.store(step, result);
        }
        combine(
          () => f.get(sofar),
          () => (lanes === 4 ? machine.permute(value, [3, 3, 3, 3]) : f.get(value)),
        );
        f.set(sofar);
      },
    });
  };

  f.get(mode).i32(SCAN_MODE.bases).op("i32.eq");
  f.if(() => {
    eachFrom(f, begin, end, () => {
      f.get(identity).set(base);
      f.get(begin).get(blocks).op("i32.mul").set(unit);
      totalOf(unit);
      f.get(blocks).set(left);
      f.loop((next) => {
        f.get(at).load(access[0]).set(sofar);
        f.get(at).get(base).store(access[1]);
        combine(
          () => f.get(base),
          () => f.get(sofar),
        );
        f.set(base);
        f.get(at).i32(totalBytes).op("i32.add").set(at);
        f.get(left).i32(1).op("i32.sub").tee(left).brIf(next);
      });
    });
    f.op("return");
  });

  f.get(identity).set(base);
  f.get(begin).set(unit);
  eachFrom(f, unit, end, () => {
    f.get(unit).get(blocks).op("i32.rem_u").set(inRow);
    f.get(unit).get(blocks).op("i32.div_u").get(length).op("i32.mul");
    f.get(inRow).get(block).op("i32.mul").tee(left).op("i32.add").set(at);
    f.get(x).set(source.pointer).get(out).set(target.pointer);
    source.move(at);
    target.move(at);
    // To the end of the block, or of the row.
    f.get(length)
      .get(left)
      .op("i32.sub")
      .tee(left)
      .get(block)
      .get(left)
      .get(block)
      .op("i32.lt_u")
      .op("select")
      .set(left);
    f.get(identity).set(sofar);
    totalOf(unit);
    f.get(mode).i32(SCAN_MODE.totals).op("i32.eq");
    f.if(
      () => {
        f.get(inRow).i32(1).op("i32.add").get(blocks).op("i32.lt_u");
        f.if(() => {
          run(false);
          f.get(at).get(sofar).store(access[1]);
        });
      },
      () => {
        f.get(mode).i32(SCAN_MODE.rest).op("i32.eq");
        f.if(() => f.get(at).load(access[0]).set(base));
        f.get(inRow)
          .op("i32.eqz")
          .if(() => f.get(identity).set(base));
        run(true);
        combine(
          () => f.get(base),
          () => f.get(sofar),
        );
        f.set(base);
      },
    );
  });
  return module;
}
