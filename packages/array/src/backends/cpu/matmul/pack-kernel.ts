import { type FunctionBuilder, type Local, type MemoryType, ModuleBuilder } from "../wasm/assembler.js";
import { argumentLayout, emitAdvance, emitFor, emitLoadArguments } from "./emit.js";
import type { Lanes } from "./lanes.js";

/**
 * Arguments of a packing kernel. Task `t` is a panel of A if `t < aTasks`, else panel `t - aTasks` of B; with batches,
 * `aPanels` (`bPanels`) panels of the first matrix come first, then those of the next. Strides are in bytes.
 */
export const PACK_ARGUMENTS = argumentLayout(
  ["k", "a", "aRow", "aColumn", "aBatch", "aLanes", "aPanels", "aTasks", "aPacked"],
  ["b", "bRow", "bColumn", "bBatch", "bLanes", "bPanels", "bPacked"],
);

/**
 * A kernel that copies operands into panels: `rows` rows of A (`columns` columns of B) beside each other for each step of
 * k, so that the product reads both in order. Lanes beyond the matrix repeat its last row (column).
 */
export function packKernel(memory: MemoryType, lanes: Lanes, rows: number, columns: number): ModuleBuilder {
  const module = new ModuleBuilder({ memory });
  const packRows = packFunction(module, lanes, rows);
  const packColumns = rows === columns ? packRows : packFunction(module, lanes, columns);
  const f = module.function("run", { params: ["i32", "i32", "i32"], results: [] });
  const args = emitLoadArguments(f, f.param(0), PACK_ARGUMENTS);
  const task = f.param(1);
  const [at, panel] = [f.local("i32"), f.local("i32")];

  const emitCall = (
    target: FunctionBuilder,
    width: number,
    from: { base: Local; lane: Local; step: Local; batch: Local; lanes: Local; panels: Local; packed: Local },
  ) => {
    f.get(at).get(from.panels).op("i32.rem_u").set(panel);
    // Source: base + batch · stride + first lane · its stride.
    f.get(from.base).get(at).get(from.panels).op("i32.div_u").get(from.batch).op("i32.mul").op("i32.add");
    f.get(panel).i32(width).op("i32.mul").get(from.lane).op("i32.mul").op("i32.add");
    f.get(from.lane).get(from.step);
    f.get(from.lanes).get(panel).i32(width).op("i32.mul").op("i32.sub");
    f.get(args.k);
    f.get(from.packed).get(at).get(args.k).op("i32.mul");
    f.i32(width * lanes.bytes)
      .op("i32.mul")
      .op("i32.add");
    f.call(target);
  };
  const { aRow, aColumn, aBatch, aLanes, aPanels, aPacked, aTasks } = args;
  const { bRow, bColumn, bBatch, bLanes, bPanels, bPacked } = args;
  const fromA = {
    base: args.a,
    lane: aRow,
    step: aColumn,
    batch: aBatch,
    lanes: aLanes,
    panels: aPanels,
    packed: aPacked,
  };
  const fromB = {
    base: args.b,
    lane: bColumn,
    step: bRow,
    batch: bBatch,
    lanes: bLanes,
    panels: bPanels,
    packed: bPacked,
  };
  emitFor(f, task, f.param(2), 1, () => {
    f.get(task).get(aTasks).op("i32.lt_u");
    f.if(
      () => {
        f.get(task).set(at);
        emitCall(packRows, rows, fromA);
      },
      () => {
        f.get(task).get(aTasks).op("i32.sub").set(at);
        emitCall(packColumns, columns, fromB);
      },
    );
  });
  return module;
}

/** The function that packs one panel of `width` lanes. */
function packFunction(module: ModuleBuilder, lanes: Lanes, width: number): FunctionBuilder {
  // source, laneStride, stepStride, valid lanes, k, target
  const params = ["i32", "i32", "i32", "i32", "i32", "i32"] as const;
  const f = module.function(`pack${width}`, { params, results: [] }, false);
  const [source, laneStride, stepStride] = [f.param(0), f.param(1), f.param(2)];
  const [valid, k, target] = [f.param(3), f.param(4), f.param(5)];
  const { bytes, count } = lanes;

  // Lanes contiguous: copy vectors. Reading past the last lane stays in the memory, and nobody looks at it.
  f.get(laneStride).i32(bytes).op("i32.eq");
  f.if(() => {
    f.block((done) => {
      f.loop((next) => {
        f.get(k).op("i32.eqz").brIf(done);
        for (let lane = 0; lane < width; lane += count) {
          f.get(target)
            .get(source)
            .load("v128.load", { offset: lane * bytes, align: bytes });
          f.store("v128.store", { offset: lane * bytes });
        }
        emitAdvance(f, source, stepStride);
        emitAdvance(f, target, width * bytes);
        f.get(k).i32(1).op("i32.sub").set(k).br(next);
      });
    });
    f.op("return");
  });

  const pointers = Array.from({ length: width }, () => f.local("i32"));
  pointers.forEach((pointer, lane) => {
    f.get(source);
    if (lane > 0) {
      const last = () => f.get(valid).i32(1).op("i32.sub");
      f.i32(lane);
      last().i32(lane);
      last().op("i32.lt_u").op("select").get(laneStride).op("i32.mul").op("i32.add");
    }
    f.set(pointer);
  });

  // Steps of k contiguous: transpose squares of vectors.
  f.get(stepStride).i32(bytes).op("i32.eq");
  f.if(() => {
    f.block((few) => {
      f.loop((next) => {
        f.get(k).i32(count).op("i32.lt_u").brIf(few);
        for (let lane = 0; lane < width; lane += count) {
          emitTransposedSquare(f, lanes, pointers.slice(lane, lane + count), target, lane * bytes, width * bytes);
        }
        for (const pointer of pointers) emitAdvance(f, pointer, 16);
        emitAdvance(f, target, count * width * bytes);
        f.get(k).i32(count).op("i32.sub").set(k).br(next);
      });
    });
  });

  f.block((done) => {
    f.loop((next) => {
      f.get(k).op("i32.eqz").brIf(done);
      pointers.forEach((pointer, lane) => {
        f.get(target)
          .get(pointer)
          .load(lanes.loadScalar)
          .store(lanes.storeScalar, { offset: lane * bytes });
        emitAdvance(f, pointer, stepStride);
      });
      emitAdvance(f, target, width * bytes);
      f.get(k).i32(1).op("i32.sub").set(k).br(next);
    });
  });
  return f;
}

/** Reads a vector from each row and stores the columns of that square, `stride` bytes apart. */
function emitTransposedSquare(
  f: FunctionBuilder,
  lanes: Lanes,
  rows: readonly Local[],
  target: Local,
  offset: number,
  stride: number,
): void {
  const vectors = rows.map((row) => {
    const vector = f.local("v128");
    f.get(row).load("v128.load", { align: lanes.bytes }).set(vector);
    return vector;
  });
  const [first, second, third, fourth] = vectors;
  if (first === undefined || second === undefined) return;
  if (third === undefined || fourth === undefined) {
    f.get(target).get(first).get(second).shuffle32([0, 1, 4, 5]).store("v128.store", { offset });
    f.get(target)
      .get(first)
      .get(second)
      .shuffle32([2, 3, 6, 7])
      .store("v128.store", { offset: offset + stride });
    return;
  }
  const merged = (
    [
      [first, second],
      [third, fourth],
    ] as const
  ).map(([left, right]) => {
    const [low, high] = [f.local("v128"), f.local("v128")];
    f.get(left).get(right).shuffle32([0, 4, 1, 5]).set(low);
    f.get(left).get(right).shuffle32([2, 6, 3, 7]).set(high);
    return [low, high] as const;
  });
  const [left, right] = merged;
  if (left === undefined || right === undefined) return;
  for (let half = 0; half < 2; half++) {
    const [a, b] = [left[half] ?? first, right[half] ?? first];
    const at = offset + 2 * half * stride;
    f.get(target).get(a).get(b).shuffle32([0, 1, 4, 5]).store("v128.store", { offset: at });
    f.get(target)
      .get(a)
      .get(b)
      .shuffle32([2, 3, 6, 7])
      .store("v128.store", { offset: at + stride });
  }
}
