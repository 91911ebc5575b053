import type { FunctionBuilder, Local } from "../wasm/assembler.js";
import { emitAdvance, i32Locals } from "./emit.js";
import { emitMultiplyAdd, type Lanes } from "./lanes.js";

const UNROLL = 4;

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
  const [aStep, bStep] = [accumulators.length * lanes.bytes, bVectors.length * 16];
  const step = (index: number) => {
    bVectors.forEach((vector, v) => {
      f.get(b)
        .load("v128.load", { offset: index * bStep + 16 * v })
        .set(vector);
    });
    emitOuterProduct(f, lanes, accumulators, bVectors, (r) =>
      f.get(a).load(lanes.loadSplat, { offset: index * aStep + r * lanes.bytes }),
    );
  };
  emitRepeated(f, tile.depth, step, () => {
    emitAdvance(f, a, UNROLL * aStep);
    emitAdvance(f, b, UNROLL * bStep);
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
  const step = () => {
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
  };
  emitRepeated(f, tile.depth, step, () => undefined);
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
  const step = (load: (pointer: Local) => void) => {
    aPointers.forEach((pointer, r) => {
      load(pointer);
      f.set(aVectors[r] ?? bVector);
    });
    bPointers.forEach((pointer, c) => {
      load(pointer);
      f.set(bVector);
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

  // What does not fill a vector comes first, with 0 · 0 for the missing lanes.
  const { rest, vectors, restBytes } = i32Locals(f, "rest", "vectors", "restBytes");
  f.get(depth)
    .i32(count - 1)
    .op("i32.and")
    .set(rest);
  f.get(depth).i32(Math.log2(count)).op("i32.shr_u").tee(vectors).i32(16).op("i32.mul").set(restBytes);
  f.get(rest).if(() => {
    const mask = f.local("v128");
    const lane = new Int32Array(4).map((_, i) => Math.floor((i * count) / 4));
    f.get(rest).op("i32x4.splat").v128const(new Uint8Array(lane.buffer)).op("i32x4.gt_s").set(mask);
    step((pointer) => {
      f.get(pointer).get(restBytes).op("i32.add").load("v128.load", { align: lanes.bytes });
      f.get(mask).op("v128.and");
    });
  });
  emitRepeated(
    f,
    vectors,
    (index) => step((pointer) => f.get(pointer).load("v128.load", { offset: 16 * index, align: lanes.bytes })),
    () => [...aPointers, ...bPointers].forEach((pointer) => emitAdvance(f, pointer, UNROLL * 16)),
  );
  tile.accumulators.forEach(([accumulator], r) => {
    if (accumulator !== undefined) emitSumLanes(f, lanes, sums[r] ?? [], accumulator);
  });
}

/** Adds row r of A (pushed by `emitA`, one element in all lanes) times the vectors of B to the accumulators of row r. */
export function emitOuterProduct(
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
 * Runs `step` `count` times, counting it down: `UNROLL` steps in a row, numbered from 0, and then `advance` by as many. A branch between
 * the steps keeps the engine from loading the operands of all of them first, which takes more registers than there are.
 */
export function emitRepeated(
  f: FunctionBuilder,
  count: Local,
  step: (index: number) => void,
  advance: (steps: number) => void,
): void {
  f.get(count).if((done) => {
    f.loop((next) => {
      for (let index = 0; index < UNROLL; index++) {
        if (index > 0) f.get(count).i32(index).op("i32.eq").brIf(done);
        step(index);
      }
      advance(UNROLL);
      f.get(count).i32(UNROLL).op("i32.sub").tee(count).brIf(next);
    });
  });
}
