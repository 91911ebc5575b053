import { argumentLayout, emitFor, emitLoadArguments, i32Locals } from "../matmul/emit.js";
import { type MemoryType, ModuleBuilder } from "../wasm/assembler.js";

/**
 * Arguments of a scatter kernel; addresses and strides are in bytes. Task `t` is channel `t` of all channels of all images. Element `i`
 * of `gy`, of `count` in a channel, is added at `inside[(rows[i] + columns[place]) / 4]` in its channel of `gx`, a byte offset, or
 * nowhere if that is negative; at `rows[i] + columns[place]` itself if `inside` is 0.
 */
export const SCATTER_ARGUMENTS = argumentLayout(
  ["gy", "places", "count", "rows", "columns", "k", "inside"],
  ["gx", "channelBytes"],
);

/** Adds float32 numbers, one for each window, at places in their windows, in order; zeros elsewhere. Places from `k` on are none. */
export function scatterKernel(memory: MemoryType): ModuleBuilder {
  const module = new ModuleBuilder({ memory });
  const f = module.function("run", { params: ["i32", "i32", "i32"], results: [] });
  const args = emitLoadArguments(f, f.param(0), SCATTER_ARGUMENTS);
  const [task, taskEnd] = [f.param(1), f.param(2)] as const;
  const { gx, gxEnd, whole, at, gyBytes, shift, row, rowEnd, place } = i32Locals(
    f,
    ...(["gx", "gxEnd", "whole", "at", "gyBytes", "shift", "row", "rowEnd", "place"] as const),
  );
  f.get(args.count).i32(4).op("i32.mul").set(gyBytes);
  f.get(args.rows).get(gyBytes).op("i32.add").set(rowEnd);
  emitFor(f, task, taskEnd, 1, () => {
    f.get(args.gx).get(task).get(args.channelBytes).op("i32.mul").op("i32.add").tee(gx).tee(at);
    f.get(args.channelBytes).op("i32.add").set(gxEnd);
    f.get(at).get(args.channelBytes).i32(-16).op("i32.and").op("i32.add").set(whole);
    emitFor(f, at, whole, 16, () => f.get(at).i32x4(0).store("v128.store", { align: 4 }));
    emitFor(f, at, gxEnd, 4, () => f.get(at).i32(0).store("i32.store"));
    // From an element's row offset to the element itself, and to its place.
    f.get(args.gy).get(task).get(gyBytes).op("i32.mul").op("i32.add").get(args.rows).op("i32.sub").set(shift);
    f.get(args.places).get(args.gy).op("i32.sub").set(place);
    f.get(args.rows).set(row);
    emitFor(f, row, rowEnd, 4, () => {
      f.block((next) => {
        f.get(row).get(shift).op("i32.add").get(place).op("i32.add").load("i32.load").tee(at);
        f.get(args.k).op("i32.ge_u").brIf(next);
        f.get(args.columns).get(at).i32(4).op("i32.mul").op("i32.add").load("i32.load");
        f.get(row).load("i32.load").op("i32.add").set(at);
        f.get(args.inside).if(() => {
          f.get(args.inside).get(at).op("i32.add").load("i32.load").set(at);
        });
        f.get(at).i32(0).op("i32.lt_s").brIf(next);
        f.get(gx).get(at).op("i32.add").tee(at).get(at).load("f32.load");
        f.get(row).get(shift).op("i32.add").load("f32.load").op("f32.add").store("f32.store");
      });
    });
  });
  return module;
}
