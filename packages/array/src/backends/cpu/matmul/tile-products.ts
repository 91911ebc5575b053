import type { FunctionBuilder, Local } from "../wasm/assembler.js";
import { emitAdvance } from "./emit.js";
import { emitMultiplyAdd, type Lanes } from "./lanes.js";

/** A tile whose sums are being formed. */
export interface TileOperands {
  /** Vectors of sums, row by row: `rows` × (columns / lanes). They are zero at first. */
  readonly accumulators: readonly (readonly Local[])[];
  /** Addresses of the tile's first elements of A and B; advanced while reading. */
  readonly a: Local;
  readonly b: Local;
  /** Steps along k; counted down. */
  readonly depth: Local;
  /** Rows of A that exist, at least one. */
  readonly rows: Local;
  /** Columns of B that exist, at least one. */
  readonly columns: Local;
}

/** Both operands in panels (see `pack-kernel.ts`). */
export function emitPackedProducts(f: FunctionBuilder, lanes: Lanes, tile: TileOperands): void {
  const { accumulators, a, b } = tile;
  const bVectors = (accumulators[0] ?? []).map(() => f.local("v128"));
  emitRepeated(f, tile.depth, () => {
    bVectors.forEach((vector, v) => {
      f.get(b)
        .load("v128.load", { offset: 16 * v })
        .set(vector);
    });
    emitOuterProduct(f, lanes, accumulators, bVectors, (r) =>
      f.get(a).load(lanes.loadSplat, { offset: lanes.bytes * r }),
    );
    emitAdvance(f, a, accumulators.length * lanes.bytes);
    emitAdvance(f, b, bVectors.length * 16);
  });
}

/** A with any strides, B with contiguous rows, `bRow` bytes apart. */
export function emitRowProducts(
  f: FunctionBuilder,
  lanes: Lanes,
  tile: TileOperands,
  aRow: Local,
  aColumn: Local,
  bRow: Local,
): void {
  const { accumulators, b } = tile;
  const pointers = emitPointers(f, tile.a, aRow, tile.rows, accumulators.length);
  const bVectors = (accumulators[0] ?? []).map(() => f.local("v128"));
  emitRepeated(f, tile.depth, () => {
    bVectors.forEach((vector, v) => {
      f.get(b)
        .load("v128.load", { offset: 16 * v, align: lanes.bytes })
        .set(vector);
    });
    emitAdvance(f, b, bRow);
    emitOuterProduct(f, lanes, accumulators, bVectors, (r) => {
      const pointer = pointers[r] ?? tile.a;
      f.get(pointer).load(lanes.loadSplat);
      emitAdvance(f, pointer, aColumn);
    });
  });
}

/**
 * A with contiguous rows and B with contiguous columns, `bColumn` bytes apart: dot products, a vector of k at a time. The
 * tile has one vector of columns. An element's sum is that of its lanes, lane i having every count-th product from the i-th.
 */
export function emitDotProducts(
  f: FunctionBuilder,
  lanes: Lanes,
  tile: TileOperands,
  aRow: Local,
  bColumn: Local,
): void {
  const { depth } = tile;
  const { count } = lanes;
  const aPointers = emitPointers(f, tile.a, aRow, tile.rows, tile.accumulators.length);
  const bPointers = emitPointers(f, tile.b, bColumn, tile.columns, count);
  const sums = tile.accumulators.map(() => bPointers.map(() => f.local("v128")));
  const aVectors = aPointers.map(() => f.local("v128"));
  const bVector = f.local("v128");
  const mask = f.local("v128");
  const load = (pointer: Local, masked: boolean) => {
    f.get(pointer).load("v128.load", { align: lanes.bytes });
    if (masked) f.get(mask).op("v128.and");
  };
  const step = (masked: boolean) => {
    aPointers.forEach((pointer, r) => {
      load(pointer, masked);
      f.set(aVectors[r] ?? bVector);
      emitAdvance(f, pointer, 16);
    });
    bPointers.forEach((pointer, c) => {
      load(pointer, masked);
      f.set(bVector);
      emitAdvance(f, pointer, 16);
      sums.forEach((row, r) => {
        emitMultiplyAdd(
          f,
          lanes,
          row[c] ?? bVector,
          () => f.get(aVectors[r] ?? bVector),
          () => f.get(bVector),
        );
      });
    });
  };
  f.block((few) => {
    f.loop((next) => {
      f.get(depth).i32(count).op("i32.lt_u").brIf(few);
      step(false);
      f.get(depth).i32(count).op("i32.sub").set(depth).br(next);
    });
  });
  f.get(depth).if(() => {
    // Fewer products than lanes are left: the others are made 0 · 0.
    const lane = new Int32Array(4).map((_, i) => Math.floor((i * count) / 4));
    f.get(depth).op("i32x4.splat").v128const(new Uint8Array(lane.buffer)).op("i32x4.gt_s").set(mask);
    step(true);
  });
  tile.accumulators.forEach(([accumulator], r) => {
    if (accumulator !== undefined) emitSumLanes(f, lanes, sums[r] ?? [], accumulator);
  });
}

/** Adds row r of A (pushed by `emitA`, one element in all lanes) times the vectors of B to the accumulators of row r. */
function emitOuterProduct(
  f: FunctionBuilder,
  lanes: Lanes,
  accumulators: readonly (readonly Local[])[],
  bVectors: readonly Local[],
  emitA: (row: number) => void,
): void {
  accumulators.forEach((row, r) => {
    const splat = f.local("v128");
    emitA(r);
    f.set(splat);
    row.forEach((accumulator, v) => {
      emitMultiplyAdd(
        f,
        lanes,
        accumulator,
        () => f.get(splat),
        () => f.get(bVectors[v] ?? splat),
      );
    });
  });
}

/** Addresses of `wanted` rows, `stride` bytes apart; those beyond the `existing` ones repeat the first. */
function emitPointers(f: FunctionBuilder, first: Local, stride: Local, existing: Local, wanted: number): Local[] {
  return Array.from({ length: wanted }, (_, r) => {
    const pointer = f.local("i32");
    if (r === 0) f.get(first);
    else {
      f.get(first).get(stride).i32(r).op("i32.mul").op("i32.add");
      f.get(first).get(existing).i32(r).op("i32.gt_u").op("select");
    }
    f.set(pointer);
    return pointer;
  });
}

/** Lane c of `result` becomes the sum of the lanes of `sums[c]`, neighbours first. */
function emitSumLanes(f: FunctionBuilder, lanes: Lanes, sums: readonly Local[], result: Local): void {
  const pairSums = (low: Local, high: Local) => {
    f.get(low).get(high);
    if (lanes.count === 4) f.shuffle32([0, 2, 4, 6]).get(low).get(high).shuffle32([1, 3, 5, 7]);
    else f.shuffle32([0, 1, 4, 5]).get(low).get(high).shuffle32([2, 3, 6, 7]);
    f.op(lanes.add);
  };
  const [first = result, second = result, third, fourth] = sums;
  if (third === undefined || fourth === undefined) {
    pairSums(first, second);
  } else {
    const [left, right] = [f.local("v128"), f.local("v128")];
    pairSums(first, second);
    f.set(left);
    pairSums(third, fourth);
    f.set(right);
    pairSums(left, right);
  }
  f.set(result);
}

/**
 * Runs `step` `count` times, counting it down. Not unrolled: given several steps at once, engines load all their operands
 * first, run out of registers and take nearly twice as long.
 */
function emitRepeated(f: FunctionBuilder, count: Local, step: () => void): void {
  f.get(count).if(() => {
    f.loop((next) => {
      step();
      f.get(count).i32(1).op("i32.sub").tee(count).brIf(next);
    });
  });
}
