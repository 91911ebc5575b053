import { type FunctionBuilder, type Local, type MemoryType, ModuleBuilder } from "../wasm/assembler.js";
import { argumentLayout, emitFor, emitLoadArguments, emitMinimum, i32Locals } from "./emit.js";
import { emitStoreTile, TILE_FLAGS } from "./epilogue.js";
import type { Lanes } from "./lanes.js";
import { emitDotProducts, emitPackedProducts, emitRowProducts } from "./tile-products.js";

/**
 * Where a tile kernel finds its operands: `packed` both in panels (see `pack-kernel.ts`); `rows` A anywhere, B with
 * contiguous rows; `dot` A with contiguous rows, B with contiguous columns.
 */
export type TileOperandLayout = "packed" | "rows" | "dot";

/** The tile that is kept in registers. */
export interface TileShape {
  readonly layout: TileOperandLayout;
  readonly rows: number;
  /** A multiple of the vector's lanes; exactly one vector for `dot`. */
  readonly columns: number;
}

/** Products that are added up before the sum goes to C: packed panels of this depth stay in the first-level cache. */
const BLOCK_DEPTHS: Readonly<Record<TileOperandLayout, number>> = { packed: 256, rows: 256, dot: 1024 };

/**
 * Arguments of a tile kernel. Strides are in bytes: `bStride` from a row of B to the next, for `dot` from a column to the
 * next; packed operands have none. Task `t` is the block of C at row block `t / columnTasks` and column block
 * `t % columnTasks` of batch `t / batchTasks`.
 */
export const TILE_ARGUMENTS = argumentLayout(
  ["a", "aRow", "aColumn", "aBatch", "b", "bStride", "bBatch", "c", "cRow", "cBatch", "bias", "flags"],
  ["m", "n", "k", "rowBlock", "columnBlock", "columnTasks", "batchTasks"],
);

/**
 * A kernel that computes blocks of C = A·B. Every element of C is a sum of blocks along k, each added up in the same order,
 * wherever in C and in a tile it lies.
 */
export function tileKernel(memory: MemoryType, lanes: Lanes, shape: TileShape): ModuleBuilder {
  const { layout, rows, columns } = shape;
  const { bytes } = lanes;
  const module = new ModuleBuilder({ memory });
  const tile = tileFunction(module, lanes, shape);
  const f = module.function("run", { params: ["i32", "i32", "i32"], results: [] });
  const args = emitLoadArguments(f, f.param(0), TILE_ARGUMENTS);
  const [task, taskEnd] = [f.param(1), f.param(2)] as const;
  const { batch, rest, kBlock, depth, flags } = i32Locals(f, "batch", "rest", "kBlock", "depth", "flags");
  const { a, b, c, aTile, bTile, cTile, bias } = i32Locals(f, "a", "b", "c", "aTile", "bTile", "cTile", "bias");
  const { row, rowBegin, rowEnd } = i32Locals(f, "row", "rowBegin", "rowEnd");
  const { column, columnBegin, columnEnd } = i32Locals(f, "column", "columnBegin", "columnEnd");

  /** `target = base + i · iStride + j · jStride`. */
  const address = (base: Local, i: Local, iStride: Stride, j: Local, jStride: Stride, target: Local) => {
    f.get(base);
    emitTerm(f, i, iStride);
    emitTerm(f, j, jStride);
    f.set(target);
  };
  /** Address of panel `first / width` at step `kBlock`: the panels before it hold `first` · k elements. */
  const panel = (base: Local, first: Local, width: number, target: Local) => {
    f.get(base).get(first).get(args.k).op("i32.mul").get(kBlock).i32(width).op("i32.mul").op("i32.add");
    f.i32(bytes).op("i32.mul").op("i32.add").set(target);
  };

  emitFor(f, task, taskEnd, 1, () => {
    f.get(task).get(args.batchTasks).op("i32.div_u").set(batch);
    f.get(task).get(args.batchTasks).op("i32.rem_u").set(rest);
    address(args.a, batch, args.aBatch, batch, 0, a);
    address(args.b, batch, args.bBatch, batch, 0, b);
    address(args.c, batch, args.cBatch, batch, 0, c);
    f.get(rest).get(args.columnTasks).op("i32.div_u").get(args.rowBlock).op("i32.mul").tee(rowBegin);
    f.get(args.rowBlock).op("i32.add").set(rowEnd);
    emitMinimum(f, rowEnd, args.m, rowEnd);
    f.get(rest).get(args.columnTasks).op("i32.rem_u").get(args.columnBlock).op("i32.mul").tee(columnBegin);
    f.get(args.columnBlock).op("i32.add").set(columnEnd);
    emitMinimum(f, columnEnd, args.n, columnEnd);

    // Once even if k is 0, for what else a tile does.
    f.i32(0).set(kBlock);
    f.loop((nextBlock) => {
      f.get(args.k).get(kBlock).op("i32.sub").set(depth);
      f.i32(BLOCK_DEPTHS[layout]).set(flags);
      emitMinimum(f, depth, flags, depth);
      emitBlockFlags(f, args.flags, kBlock, depth, args.k, flags);
      f.get(columnBegin).set(column);
      emitFor(f, column, columnEnd, columns, () => {
        if (layout === "packed") panel(b, column, columns, bTile);
        else if (layout === "rows") address(b, kBlock, args.bStride, column, bytes, bTile);
        else address(b, column, args.bStride, kBlock, bytes, bTile);
        address(args.bias, column, bytes, column, 0, bias);
        f.get(bias).i32(0).get(args.bias).op("select").set(bias);
        f.get(rowBegin).set(row);
        emitFor(f, row, rowEnd, rows, () => {
          if (layout === "packed") panel(a, row, rows, aTile);
          else address(a, row, args.aRow, kBlock, args.aColumn, aTile);
          address(c, row, args.cRow, column, bytes, cTile);
          f.get(aTile).get(bTile).get(depth).get(cTile).get(args.cRow);
          f.get(rowEnd).get(row).op("i32.sub").get(columnEnd).get(column).op("i32.sub");
          f.get(bias).get(flags);
          if (layout !== "packed") f.get(args.aRow).get(args.aColumn).get(args.bStride);
          f.call(tile);
        });
      });
      f.get(kBlock).get(depth).op("i32.add").tee(kBlock).get(args.k).op("i32.lt_u").brIf(nextBlock);
    });
  });
  return module;
}

/** A stride in bytes. */
type Stride = Local | number;

/** Adds `index · stride` to the i32 on the stack. */
function emitTerm(f: FunctionBuilder, index: Local, stride: Stride): void {
  if (stride === 0) return;
  f.get(index);
  if (typeof stride === "number") f.i32(stride);
  else f.get(stride);
  f.op("i32.mul").op("i32.add");
}

/** Blocks after the first add to C; only the last one finishes it. */
function emitBlockFlags(f: FunctionBuilder, asked: Local, kBlock: Local, depth: Local, k: Local, flags: Local): void {
  f.get(asked).get(kBlock).i32(0).op("i32.ne").i32(TILE_FLAGS.accumulate).op("i32.mul").op("i32.or");
  f.get(kBlock).get(depth).op("i32.add").get(k).op("i32.ne").i32(TILE_FLAGS.finish).op("i32.mul");
  f.i32(-1).op("i32.xor").op("i32.and").set(flags);
}

/** The function that computes one tile over one block along k. */
function tileFunction(module: ModuleBuilder, lanes: Lanes, { layout, rows, columns }: TileShape): FunctionBuilder {
  // a, b, depth, c, cRow, rows, columns, bias, flags; then aRow, aColumn, bStride
  const params = Array.from({ length: layout === "packed" ? 9 : 12 }, () => "i32" as const);
  const f = module.function("tile", { params, results: [] }, false);
  const accumulators = Array.from({ length: rows }, () =>
    Array.from({ length: columns / lanes.count }, () => f.local("v128")),
  );
  const tile = {
    accumulators,
    a: f.param(0),
    b: f.param(1),
    depth: f.param(2),
    c: f.param(3),
    cRowBytes: f.param(4),
    rows: f.param(5),
    columns: f.param(6),
    bias: f.param(7),
    flags: f.param(8),
  };
  if (layout === "packed") emitPackedProducts(f, lanes, tile);
  else if (layout === "rows") emitRowProducts(f, lanes, tile, f.param(9), f.param(10), f.param(11));
  else emitDotProducts(f, lanes, tile, f.param(9), f.param(11));
  emitStoreTile(f, lanes, tile);
  return f;
}
