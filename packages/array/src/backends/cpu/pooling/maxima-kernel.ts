import { channelFramer } from "../convolution/frame-kernel.js";
import { emitPixels } from "../convolution/pixel-kernel.js";
import type { Spacing } from "../convolution/vectors.js";
import { argumentLayout, emitAdvance, emitFor, emitLoadArguments, i32Locals } from "../matmul/emit.js";
import { emitRepeated } from "../matmul/tile-products.js";
import { type MemoryType, ModuleBuilder } from "../wasm/assembler.js";

/** Vectors of windows that are searched at a time. */
export const TILE_WINDOWS = 4;

/**
 * Arguments of a maxima kernel; addresses and strides are in bytes. Task `t` is channel `t` of all channels of all images. Every
 * range of tasks (`begin / grain`) has a frame for one channel, unless `framed` is 0. Vector `v` of windows is searched at
 * `starts[v] + columns[place]` for `k` places, and its results go to `outs[v]`, for a number of vectors that `TILE_WINDOWS` divides.
 */
export const MAXIMA_ARGUMENTS = argumentLayout(
  ["x", "channelBytes", "framed", "framedBytes", "grain"],
  ["sources", "rowsPerChannel", "left", "width", "right"],
  ["starts", "outs", "vectors", "columns", "k", "y", "places", "outChannel"],
);

/** The largest float32 of every window, and its place: a NaN is larger than anything, the first of equals counts. */
export function maximaKernel(memory: MemoryType, spacing: Spacing): ModuleBuilder {
  const module = new ModuleBuilder({ memory });
  const f = module.function("run", { params: ["i32", "i32", "i32"], results: [] });
  const args = emitLoadArguments(f, f.param(0), MAXIMA_ARGUMENTS);
  const [task, taskEnd] = [f.param(1), f.param(2)] as const;
  const { x, slot, channel, target, starts, startsEnd, outs } = i32Locals(
    f,
    ...(["x", "slot", "channel", "target", "starts", "startsEnd", "outs"] as const),
  );
  const { taps, columns, offset, y, places, at } = i32Locals(
    f,
    ...(["taps", "columns", "offset", "y", "places", "at"] as const),
  );
  const frameChannel = channelFramer(f, args, () => f.f32x4(-Infinity));
  const [value, place, better] = [f.local("v128"), f.local("v128"), f.local("v128")];
  const tile = Array.from({ length: TILE_WINDOWS }, () => ({
    pointer: f.local("i32"),
    best: f.local("v128"),
    found: f.local("v128"),
  }));

  const search = (index: number) => {
    f.get(columns)
      .load("i32.load", { offset: 4 * index })
      .set(offset);
    for (const { pointer, best, found } of tile) {
      emitPixels(f, () => f.get(pointer).get(offset).op("i32.add"), spacing);
      f.set(value);
      // Not less or equal: greater, or one of them is no number; and the best so far is one.
      f.get(best).get(best).op("f32x4.eq").get(value).get(best).op("f32x4.le").op("v128.andnot").set(better);
      f.get(value).get(best).get(better).op("v128.bitselect").set(best);
      f.get(place).get(found).get(better).op("v128.bitselect").set(found);
    }
    f.get(place).i32x4(1).op("i32x4.add").set(place);
  };

  f.get(args.framed)
    .get(task)
    .get(args.grain)
    .op("i32.div_u")
    .get(args.framedBytes)
    .op("i32.mul")
    .op("i32.add")
    .set(slot);
  f.get(args.starts).get(args.vectors).i32(4).op("i32.mul").op("i32.add").set(startsEnd);
  emitFor(f, task, taskEnd, 1, () => {
    f.get(args.x).get(task).get(args.channelBytes).op("i32.mul").op("i32.add").set(x);
    f.get(args.framed).if(() => {
      f.get(x).set(channel);
      f.get(slot).tee(x).set(target);
      frameChannel(channel, target);
    });
    f.get(args.y).get(task).get(args.outChannel).op("i32.mul").op("i32.add").set(y);
    f.get(args.places).get(task).get(args.outChannel).op("i32.mul").op("i32.add").set(places);
    f.get(args.starts).set(starts);
    f.get(args.outs).set(outs);
    emitFor(f, starts, startsEnd, 4 * TILE_WINDOWS, () => {
      tile.forEach(({ pointer, best, found }, i) => {
        f.get(starts)
          .load("i32.load", { offset: 4 * i })
          .get(x)
          .op("i32.add")
          .set(pointer);
        f.f32x4(-Infinity).set(best);
        f.i32x4(0).set(found);
      });
      f.i32x4(0).set(place);
      f.get(args.columns).set(columns);
      f.get(args.k).set(taps);
      emitRepeated(f, taps, search, (steps) => emitAdvance(f, columns, 4 * steps));
      tile.forEach(({ best, found }, i) => {
        f.get(outs)
          .load("i32.load", { offset: 4 * i })
          .set(at);
        f.get(y).get(at).op("i32.add").get(best).store("v128.store", { align: 4 });
        f.get(places).get(at).op("i32.add").get(found).store("v128.store", { align: 4 });
      });
      emitAdvance(f, outs, 4 * TILE_WINDOWS);
    });
  });
  return module;
}
