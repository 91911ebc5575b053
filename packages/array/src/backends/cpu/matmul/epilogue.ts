import type { FunctionBuilder, Local } from "../wasm/assembler.js";
import type { Lanes } from "./lanes.js";

/** Bits of a tile's `flags`. */
export const TILE_FLAGS = {
  /** Add to what C holds instead of replacing it. */
  accumulate: 1,
  /** This is the last block along k: add the bias and apply the activation. */
  finish: 2,
  /** The activation is ReLU. */
  relu: 4,
} as const;

/** A tile of C that is ready to be stored. */
export interface FinishedTile {
  /** Vectors of results, row by row. */
  readonly accumulators: readonly (readonly Local[])[];
  /** Address of the tile's first element. */
  readonly c: Local;
  /** Bytes from a row to the next. */
  readonly cRowBytes: Local;
  /** Rows and columns of C that the tile covers; may be more than it has. */
  readonly rows: Local;
  readonly columns: Local;
  /** Address of the bias of the first column; 0 for none. */
  readonly bias: Local;
  readonly flags: Local;
}

/** Adds C's old values, bias and activation as the flags say, and stores the part of the tile that lies inside C. */
export function emitStoreTile(f: FunctionBuilder, lanes: Lanes, tile: FinishedTile): void {
  const { accumulators, c, cRowBytes, rows, columns, bias, flags } = tile;
  const vectors = accumulators[0]?.length ?? 0;
  const each = (visit: (accumulator: Local, row: number, vector: number) => void) =>
    accumulators.forEach((row, r) => row.forEach((accumulator, v) => visit(accumulator, r, v)));
  const flag = (bit: number) => f.get(flags).i32(bit).op("i32.and");

  // Rows beyond C point at its first row, which may be read and is not written.
  const pointers = accumulators.map((_, r) => {
    const pointer = f.local("i32");
    if (r === 0) f.get(c);
    else f.get(c).get(cRowBytes).i32(r).op("i32.mul").op("i32.add").get(c).get(rows).i32(r).op("i32.gt_u").op("select");
    f.set(pointer);
    return pointer;
  });
  const pointer = (r: number): Local => pointers[r] ?? c;

  flag(TILE_FLAGS.accumulate).if(() => {
    each((accumulator, r, v) => {
      f.get(pointer(r)).load("v128.load", { offset: 16 * v, align: lanes.bytes });
      f.get(accumulator).op(lanes.add).set(accumulator);
    });
  });
  flag(TILE_FLAGS.finish).if(() => {
    f.get(bias).if(() => {
      each((accumulator, _, v) => {
        f.get(accumulator)
          .get(bias)
          .load("v128.load", { offset: 16 * v, align: lanes.bytes });
        f.op(lanes.add).set(accumulator);
      });
    });
    const { max } = lanes;
    if (max === undefined) return;
    flag(TILE_FLAGS.relu).if(() => {
      each((accumulator) => f.get(accumulator).i32x4(0).op(max).set(accumulator));
    });
  });

  const full = () =>
    f
      .get(rows)
      .i32(accumulators.length)
      .op("i32.ge_u")
      .get(columns)
      .i32(vectors * lanes.count);
  full()
    .op("i32.ge_u")
    .op("i32.and")
    .if(
      () =>
        each((accumulator, r, v) => {
          f.get(pointer(r))
            .get(accumulator)
            .store("v128.store", { offset: 16 * v, align: lanes.bytes });
        }),
      () =>
        f.block((done) => {
          accumulators.forEach((row, r) => {
            if (r > 0) f.get(rows).i32(r).op("i32.le_u").brIf(done);
            emitStoreRow(f, lanes, row, pointer(r), columns);
          });
        }),
    );
}

/** Stores the first `columns` elements of a row of vectors. */
function emitStoreRow(f: FunctionBuilder, lanes: Lanes, row: readonly Local[], pointer: Local, columns: Local): void {
  const { bytes, count } = lanes;
  f.block((done) => {
    row.forEach((accumulator, v) => {
      f.get(columns)
        .i32((v + 1) * count)
        .op("i32.ge_u");
      f.if(
        () =>
          f
            .get(pointer)
            .get(accumulator)
            .store("v128.store", { offset: 16 * v, align: bytes }),
        () => {
          // Fewer than a vector are left: store lane by lane and end the row.
          for (let lane = 0; lane < count - 1; lane++) {
            f.get(columns)
              .i32(v * count + lane)
              .op("i32.le_u")
              .brIf(done);
            f.get(pointer).get(accumulator);
            const access = { offset: 16 * v + lane * bytes };
            if (bytes === 4) f.memoryLane("v128.store32_lane", lane, access);
            else f.memoryLane("v128.store64_lane", lane, access);
          }
          f.br(done);
        },
      );
    });
  });
}
