/** Kernels of the routines that work on rows of tables: gather and scatter-add. */
import { itemsize, type DType } from "../../../dtype.js";
import { computeType } from "../../../kernel/lower.js";
import type { Node } from "../../../kernel/program.js";
import type { OpName } from "../../../kernel/ops-table.js";
import type { OpNode } from "../generate/nodes.js";
import { emitInnerLoop, RowOperand } from "../generate/inner-loop.js";
import { Library } from "../generate/library.js";
import { contextOf } from "../generate/module-context.js";
import { ModuleBuilder, type FunctionBuilder, type Local, type MemoryType } from "../wasm/assembler.js";
import { readWords } from "./words.js";

/** Copies within the memory: `run(to, from, bytes)`. Where the memory is shared, the host would copy with atomic accesses. */
export function copyKernel(memory: MemoryType): ModuleBuilder {
  const module = new ModuleBuilder({ memory });
  const f = module.function("run", { params: ["i32", "i32", "i32"], results: [] });
  f.get(f.param(0)).get(f.param(1)).get(f.param(2)).op("memory.copy");
  return module;
}

/** Copies rows `indices[begin …]` of `rowBytes` bytes. Words: x, indices, out, rowBytes. */
export function gatherKernel(memory: MemoryType): ModuleBuilder {
  const { module, f, begin, end } = kernel(memory);
  const { x, indices, out, rowBytes } = readWords(f, "x", "indices", "out", "rowBytes");
  eachFrom(f, begin, end, () => {
    f.get(out).get(begin).get(rowBytes).op("i32.mul").op("i32.add");
    f.get(x).get(indices).get(begin).i32(2).op("i32.shl").op("i32.add").load("i32.load");
    f.get(rowBytes).op("i32.mul").op("i32.add");
    f.get(rowBytes).op("memory.copy");
  });
  return module;
}

/**
 * Adds columns begin … end - 1 of every row of x to row `indices[i]` of out, in order. Words: x, indices, out, rowBytes,
 * count (of rows of x).
 */
export function scatterAddKernel(memory: MemoryType, dtype: DType): ModuleBuilder {
  const { module, f, begin, end } = kernel(memory);
  const { x, indices, out, rowBytes, count } = readWords(f, "x", "indices", "out", "rowBytes", "count");
  const context = contextOf({ lanes: dtype === "float64" ? 1 : 4, library: new Library(module, []) }, f);
  const { machine, pool } = context;
  const [source, target] = [0, 1].map(() => new RowOperand(context, dtype, "contiguous")) as [RowOperand, RowOperand];
  const [i, left] = [pool.take("i32"), pool.take("i32")];
  const add = operation(dtype, "add");
  f.i32(0).set(i);
  eachFrom(f, i, count, () => {
    f.get(x).get(i).get(rowBytes).op("i32.mul").op("i32.add").set(source.pointer);
    f.get(out).get(indices).get(i).i32(2).op("i32.shl").op("i32.add").load("i32.load");
    f.get(rowBytes).op("i32.mul").op("i32.add").set(target.pointer);
    source.move(begin);
    target.move(begin);
    f.get(end).get(begin).op("i32.sub").set(left);
    emitInnerLoop(context, {
      operands: [source, target],
      left,
      unroll: 2,
      position: null,
      masks: false,
      body: (step) => {
        const sum = pool.take(machine.valueType(computeType(dtype)));
        machine.operation(add, (operand) => (operand === add.args[0] ? target : source).load(step));
        f.set(sum);
        target.store(step, sum);
      },
    });
  });
  return module;
}

/** A module with the function `run(args, begin, end)`. */
export function kernel(memory: MemoryType): { module: ModuleBuilder; f: FunctionBuilder; begin: Local; end: Local } {
  const module = new ModuleBuilder({ memory });
  const f = module.function("run", { params: ["i32", "i32", "i32"], results: [] });
  return { module, f, begin: f.param(1), end: f.param(2) };
}

/** `for (; i < end; i++) body` */
export function eachFrom(f: FunctionBuilder, i: Local, end: Local, body: () => void): void {
  f.block((done) => {
    f.loop((next) => {
      f.get(i).get(end).op("i32.ge_u").brIf(done);
      body();
      f.get(i).i32(1).op("i32.add").set(i).br(next);
    });
  });
}

/** An operation on two values of a dtype. */
export function operation(dtype: DType, op: "add" | "mul"): OpNode & { readonly args: readonly [Node, Node] } {
  const type = computeType(dtype);
  const own: OpName = dtype !== "bool" ? op : op === "add" ? "logicalOr" : "logicalAnd";
  const args = [0, 1].map((index): Node => ({ kind: "parameter", type, index })) as [Node, Node];
  return { kind: "op", op: own, type, args };
}

/** Bytes of a row of a contiguous matrix. */
export function rowBytesOf({ shape, dtype }: { readonly shape: readonly number[]; readonly dtype: DType }): number {
  return (shape[1] as number) * itemsize(dtype);
}
