import { argumentLayout, emitAdvance, emitFor, emitLoadArguments, emitMinimum, i32Locals } from "../matmul/emit.js";
import type { Lanes } from "../matmul/lanes.js";
import { emitOuterProduct, emitRepeated } from "../matmul/tile-products.js";
import { type FunctionBuilder, type Local, type MemoryType, ModuleBuilder } from "../wasm/assembler.js";

/** Rows of a tile that is kept in registers. */
export const TILE_ROWS = 4;
/** Vectors in a row of a tile. */
const TILE_VECTORS = 2;
/** Products that are added up before the sum goes to memory: a panel of this depth stays in the first-level cache. */
const BLOCK_DEPTH = 512;

/** Lanes of a panel: results that lie beside each other in a tile. */
export function panelLanes(lanes: Lanes): number {
  return TILE_VECTORS * lanes.count;
}

/** Bits of a gather kernel's `flags`. */
export const GATHER_FLAGS = {
  /** Add to what is there instead of replacing it. */
  accumulate: 1,
  relu: 2,
} as const;

/**
 * Arguments of a gather kernel. Addresses and strides are in bytes, `lanes`, `laneBlock`, `outerLanes`, `m`, `rowBlock` and
 * `k` count. `rows`, `columns` and `outs` are addresses of tables of byte offsets.
 *
 * Task `t` is row block `t % rowTasks` of group `t / rowTasks % groups` of outer index `t / rowTasks / groups`; it goes
 * through `images` images, adding them up if there are several.
 */
export const GATHER_ARGUMENTS = argumentLayout(
  ["rows", "columns", "outs", "m", "k", "rowBlock", "rowTasks", "groups", "images", "flags"],
  ["x", "xOuter", "xGroup", "xImage", "panels", "panelsOuter", "panelsGroup", "panelsImage"],
  ["out", "outOuter", "outGroup", "outLane", "lanes", "laneBlock", "outerLanes", "bias", "biasGroup"],
);

/**
 * The products in which convolutions and their gradients consist: a matrix whose element (m, k) is found in an image at
 * `rows[m] + columns[k]`, so that it need not be built, times a matrix in panels (see `matmul/pack-kernel.ts`). Result
 * (m, lane) goes to `outs[m] + lane · outLane`.
 *
 * Every result is a sum of blocks along k, each added up in the same order, wherever in a tile it lies.
 */
export function gatherKernel(memory: MemoryType, lanes: Lanes): ModuleBuilder {
  const module = new ModuleBuilder({ memory });
  const tile = tileFunction(module, lanes);
  const f = module.function("run", { params: ["i32", "i32", "i32"], results: [] });
  const args = emitLoadArguments(f, f.param(0), GATHER_ARGUMENTS);
  const [task, taskEnd] = [f.param(1), f.param(2)] as const;
  const { outer, group, rest, image, row, rowBegin, rowEnd } = i32Locals(
    f,
    ...(["outer", "group", "rest", "image", "row", "rowBegin", "rowEnd"] as const),
  );
  const { x, panels, out, bias, valid, lane, kBlock, depth, flags, panel } = i32Locals(
    f,
    ...(["x", "panels", "out", "bias", "valid", "lane", "kBlock", "depth", "flags", "panel"] as const),
  );
  const width = panelLanes(lanes);

  /** `target = base + Σ index · stride`. */
  const address = (target: Local, base: Local, ...terms: (readonly [Local, Local | number])[]) => {
    f.get(base);
    for (const [index, stride] of terms) {
      f.get(index);
      if (typeof stride === "number") f.i32(stride);
      else f.get(stride);
      f.op("i32.mul").op("i32.add");
    }
    f.set(target);
  };

  emitFor(f, task, taskEnd, 1, () => {
    f.get(task).get(args.rowTasks).op("i32.div_u").tee(rest).get(args.groups).op("i32.rem_u").set(group);
    f.get(rest).get(args.groups).op("i32.div_u").set(outer);
    f.get(task).get(args.rowTasks).op("i32.rem_u").get(args.rowBlock).op("i32.mul").tee(rowBegin);
    f.get(args.rowBlock).op("i32.add").set(rowEnd);
    emitMinimum(f, rowEnd, args.m, rowEnd);
    f.get(args.lanes).get(outer).get(args.outerLanes).op("i32.mul").op("i32.sub").set(valid);
    emitMinimum(f, valid, args.laneBlock, valid);
    address(x, args.x, [outer, args.xOuter], [group, args.xGroup]);
    address(panels, args.panels, [outer, args.panelsOuter], [group, args.panelsGroup]);
    address(out, args.out, [outer, args.outOuter], [group, args.outGroup]);
    f.i32(0).set(bias);
    f.get(args.bias).if(() => address(bias, args.bias, [group, args.biasGroup]));

    f.i32(0).set(image);
    emitFor(f, image, args.images, 1, () => {
      f.i32(0).set(lane);
      emitFor(f, lane, valid, width, () => {
        // Once even if k is 0, for what else a tile does.
        f.i32(0).set(kBlock);
        f.loop((nextBlock) => {
          f.get(args.k).get(kBlock).op("i32.sub").set(depth);
          f.i32(BLOCK_DEPTH).set(flags);
          emitMinimum(f, depth, flags, depth);
          // All but the first block of the first image add to what is there; only the last block finishes it.
          f.get(args.flags).get(image).get(kBlock).op("i32.or").i32(0).op("i32.ne").op("i32.or");
          f.get(kBlock).get(depth).op("i32.add").get(args.k).op("i32.eq").i32(FINISH).op("i32.mul");
          f.op("i32.or").set(flags);
          // Panels lie one after another, each `k` steps of `width` elements.
          f.get(lane).get(args.k).op("i32.mul").get(kBlock).i32(width).op("i32.mul").op("i32.add");
          f.i32(lanes.bytes).op("i32.mul").get(panels).op("i32.add").set(panel);
          f.get(rowBegin).set(row);
          emitFor(f, row, rowEnd, TILE_ROWS, () => {
            f.get(x);
            address(rest, args.rows, [row, 4]);
            f.get(rest).get(rowEnd).get(row).op("i32.sub");
            address(rest, args.columns, [kBlock, 4]);
            f.get(rest).get(panel).get(depth);
            address(rest, out, [lane, args.outLane]);
            f.get(rest);
            address(rest, args.outs, [row, 4]);
            f.get(rest).get(args.outLane).get(valid).get(lane).op("i32.sub");
            address(rest, bias, [lane, lanes.bytes]);
            f.get(rest).i32(0).get(bias).op("select").get(flags).call(tile);
          });
          f.get(kBlock).get(depth).op("i32.add").tee(kBlock).get(args.k).op("i32.lt_u").brIf(nextBlock);
        });
      });
      emitAdvance(f, x, args.xImage);
      emitAdvance(f, panels, args.panelsImage);
    });
  });
  return module;
}

/** Flag of a tile: this is the last block along k, so that bias and activation follow. */
const FINISH = 4;

/** The function that computes one tile over one block along k. */
function tileFunction(module: ModuleBuilder, lanes: Lanes): FunctionBuilder {
  const params = Array.from({ length: 12 }, () => "i32" as const);
  const f = module.function("tile", { params, results: [] }, false);
  const [x, rowTable, rows, columns, panel, depth, out, outs, outLane, valid, bias, flags] = f.params as unknown as [
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
  ];
  const accumulators = Array.from({ length: TILE_ROWS }, () =>
    Array.from({ length: TILE_VECTORS }, () => f.local("v128")),
  );
  // Rows beyond the last one repeat the first.
  const pointers = accumulators.map((_, r) => {
    const pointer = f.local("i32");
    f.get(x).get(rowTable);
    if (r > 0)
      f.i32(4 * r)
        .i32(0)
        .get(rows)
        .i32(r)
        .op("i32.gt_u")
        .op("select")
        .op("i32.add");
    f.load("i32.load").op("i32.add").set(pointer);
    return pointer;
  });
  const offset = f.local("i32");
  const bVectors = Array.from({ length: TILE_VECTORS }, () => f.local("v128"));
  const step = (index: number) => {
    f.get(columns)
      .load("i32.load", { offset: 4 * index })
      .set(offset);
    bVectors.forEach((vector, v) => {
      f.get(panel)
        .load("v128.load", { offset: 16 * (index * TILE_VECTORS + v) })
        .set(vector);
    });
    emitOuterProduct(f, lanes, accumulators, bVectors, (r) =>
      f
        .get(pointers[r] ?? x)
        .get(offset)
        .op("i32.add")
        .load(lanes.loadSplat),
    );
  };
  emitRepeated(f, depth, step, (steps) => {
    emitAdvance(f, columns, 4 * steps);
    emitAdvance(f, panel, 16 * TILE_VECTORS * steps);
  });
  emitScatterTile(f, lanes, { accumulators, out, outs, outLane, rows, valid, bias, flags });
  return f;
}

interface ScatteredTile {
  readonly accumulators: readonly (readonly Local[])[];
  readonly out: Local;
  readonly outs: Local;
  readonly outLane: Local;
  /** Rows and lanes that exist; may be more than the tile has. */
  readonly rows: Local;
  readonly valid: Local;
  readonly bias: Local;
  readonly flags: Local;
}

/** Stores every lane of the tile, which is a few results beside each other, or anywhere. */
function emitScatterTile(f: FunctionBuilder, lanes: Lanes, tile: ScatteredTile): void {
  const { accumulators, out, outs, outLane, rows, valid, bias, flags } = tile;
  const target = f.local("i32");
  const vector = f.local("v128");
  const old = f.local("v128");
  const flag = (bit: number) => f.get(flags).i32(bit).op("i32.and");
  const offsetOf = (row: number) => f.get(outs).load("i32.load", { offset: 4 * row });
  const inRow = f.local("i32");
  offsetOf(TILE_ROWS - 1);
  offsetOf(0)
    .op("i32.sub")
    .i32((TILE_ROWS - 1) * lanes.bytes)
    .op("i32.eq");
  f.get(rows).i32(TILE_ROWS).op("i32.ge_u").op("i32.and").set(inRow);

  const finished = () => {
    flag(GATHER_FLAGS.accumulate).if(() => f.get(vector).get(old).op("f32x4.add").set(vector));
    flag(FINISH).if(() => {
      f.get(bias).if(() => {
        f.get(vector).get(bias).load(lanes.loadSplat).op("f32x4.add").set(vector);
      });
      flag(GATHER_FLAGS.relu).if(() => f.get(vector).i32x4(0).op("f32x4.max").set(vector));
    });
  };
  f.block((done) => {
    for (let v = 0; v < TILE_VECTORS; v++) {
      const columns = emitTransposed(
        f,
        accumulators.map((row) => row[v] as Local),
      );
      columns.forEach((column, l) => {
        const lane = v * lanes.count + l;
        f.get(valid).i32(lane).op("i32.le_u").brIf(done);
        f.get(column).set(vector);
        f.get(inRow).if(
          () => {
            f.get(out);
            offsetOf(0).op("i32.add").tee(target).load("v128.load", { align: 4 }).set(old);
            finished();
            f.get(target).get(vector).store("v128.store", { align: 4 });
          },
          () => {
            const each = (body: (row: number) => void) =>
              f.block((end) => {
                for (let row = 0; row < TILE_ROWS; row++) {
                  if (row > 0) f.get(rows).i32(row).op("i32.le_u").brIf(end);
                  f.get(out);
                  offsetOf(row).op("i32.add");
                  body(row);
                }
              });
            each((row) => f.get(old).memoryLane("v128.load32_lane", row).set(old));
            finished();
            each((row) => f.get(vector).memoryLane("v128.store32_lane", row));
          },
        );
        emitAdvance(f, out, outLane);
        f.get(bias).i32(lanes.bytes).op("i32.add").i32(0).get(bias).op("select").set(bias);
      });
    }
  });
}

/** Four vectors as the rows of a square: its columns. */
function emitTransposed(f: FunctionBuilder, rows: readonly Local[]): Local[] {
  const [first, second, third, fourth] = rows as [Local, Local, Local, Local];
  const made = (a: Local, b: Local, order: readonly [number, number, number, number]): Local => {
    const vector = f.local("v128");
    f.get(a).get(b).shuffle32(order).set(vector);
    return vector;
  };
  const [low, high] = [
    [0, 4, 1, 5],
    [2, 6, 3, 7],
  ] as const;
  const [a, b, c, d] = [
    made(first, second, low),
    made(third, fourth, low),
    made(first, second, high),
    made(third, fourth, high),
  ];
  return [made(a, b, [0, 1, 4, 5]), made(a, b, [2, 3, 6, 7]), made(c, d, [0, 1, 4, 5]), made(c, d, [2, 3, 6, 7])];
}
