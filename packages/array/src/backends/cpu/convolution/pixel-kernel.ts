/** Kernels of convolutions with few channels a group: a vector holds four neighbouring pixels of one channel. */
import { argumentLayout, emitAdvance, emitFor, emitLoadArguments, emitMinimum, i32Locals } from "../matmul/emit.js";
import { emitMultiplyAdd, type Lanes } from "../matmul/lanes.js";
import { emitRepeated } from "../matmul/tile-products.js";
import { type FunctionBuilder, type Local, type MemoryType, ModuleBuilder } from "../wasm/assembler.js";
import { channelFramer } from "./frame-kernel.js";
import type { Spacing } from "./vectors.js";

/** Vectors of pixels that are kept in registers. */
export const TILE_VECTORS = 7;
/** Elements of a kernel whose gradients are kept in registers. */
const TILE_TAPS = 5;
/** Products of each lane that are added up before the sum goes to memory: rounding errors grow with it. */
const BLOCK_VECTORS = 512;

const images = ["x", "xImage", "xGroup", "channelBytes", "inner", "lanes", "outputs", "columns", "k"] as const;
const framing = ["framed", "slotBytes", "framedBytes", "grain"] as const;
const frame = ["sources", "rowsPerChannel", "left", "width", "right"] as const;

/**
 * Arguments of a pixel kernel; addresses and strides are in bytes. Task `t` is output channel `t % outputs` of image
 * `t / outputs`; `lanes` output channels of a group share its `inner` input channels, which every range of tasks puts into a frame
 * of its own (range `begin / grain`), unless `framed` is 0. Vector `v` is read at `starts[v] + columns[element of the kernel]` and
 * goes to `outs[v]`, its pixels `outStep` apart, for a number of vectors that `TILE_VECTORS` divides; `k` weights of an output channel lie together.
 */
export const PIXEL_ARGUMENTS = argumentLayout(images, framing, frame, [
  ...(["starts", "outs", "vectors", "outStep", "w", "out", "outChannel", "bias", "relu"] as const),
]);

/**
 * Arguments of the kernel for the gradient by the weights. Task `t` is output channel `t`, whose gradients are summed over
 * `batch` images. The last `tails` vectors count with their last `tailLanes` pixels only: the others are those of the vector
 * before.
 */
export const PIXEL_WEIGHT_ARGUMENTS = argumentLayout(images, framing, frame, [
  ...(["starts", "outs", "vectors", "tails", "tailLanes", "batch", "gy", "gyImage", "gyChannel", "gw"] as const),
]);

/** A convolution's results. Sums are added up over the kernel's elements in order. */
export function pixelKernel(memory: MemoryType, lanes: Lanes, spacing: Spacing): ModuleBuilder {
  const module = new ModuleBuilder({ memory });
  const f = module.function("run", { params: ["i32", "i32", "i32"], results: [] });
  const args = emitLoadArguments(f, f.param(0), PIXEL_ARGUMENTS);
  const [task, taskEnd] = [f.param(1), f.param(2)] as const;
  const { image, output, x, slot, starts, startsEnd, outs } = i32Locals(
    f,
    ...(["image", "output", "x", "slot", "starts", "startsEnd", "outs"] as const),
  );
  const { taps, columns, weights, firstWeight, offset, out, target } = i32Locals(
    f,
    ...(["taps", "columns", "weights", "firstWeight", "offset", "out", "target"] as const),
  );
  const [weight, bias] = [f.local("v128"), f.local("v128")];
  const accumulators = Array.from({ length: TILE_VECTORS }, () => f.local("v128"));
  const pointers = accumulators.map(() => f.local("i32"));
  const input = groupReader(f, args, task, slot);

  /** Sums of products with every element of the kernel, in order. */
  const products = () => {
    f.get(args.columns).set(columns);
    f.get(firstWeight).set(weights);
    f.get(args.k).set(taps);
    emitRepeated(
      f,
      taps,
      (index) => {
        f.get(columns)
          .load("i32.load", { offset: 4 * index })
          .set(offset);
        f.get(weights)
          .load("v128.load32_splat", { offset: 4 * index })
          .set(weight);
        accumulators.forEach((accumulator, i) => {
          const pixels = () =>
            emitPixels(
              f,
              () =>
                f
                  .get(pointers[i] ?? x)
                  .get(offset)
                  .op("i32.add"),
              spacing,
            );
          emitMultiplyAdd(f, lanes, accumulator, () => f.get(weight), pixels);
        });
      },
      (steps) => {
        emitAdvance(f, columns, 4 * steps);
        emitAdvance(f, weights, 4 * steps);
      },
    );
  };
  /** Puts the address of vector `i`'s results on the stack. */
  const place = (i: number) =>
    f
      .get(outs)
      .load("i32.load", { offset: 4 * i })
      .get(out)
      .op("i32.add");
  const store = () => {
    f.get(args.relu).if(() => {
      for (const accumulator of accumulators) f.get(accumulator).i32x4(0).op("f32x4.max").set(accumulator);
    });
    f.get(args.outStep).i32(4).op("i32.eq");
    f.if(
      () => accumulators.forEach((sums, i) => place(i).get(sums).store("v128.store", { align: 4 })),
      () =>
        accumulators.forEach((sums, i) => {
          place(i).set(target);
          for (let lane = 0; lane < 4; lane++) {
            f.get(target).get(sums).memoryLane("v128.store32_lane", lane);
            emitAdvance(f, target, args.outStep);
          }
        }),
    );
  };

  f.get(args.starts).get(args.vectors).i32(4).op("i32.mul").op("i32.add").set(startsEnd);
  emitFor(f, task, taskEnd, 1, () => {
    f.get(task).get(args.outputs).op("i32.div_u").set(image);
    f.get(task).get(args.outputs).op("i32.rem_u").set(output);
    input(image, output, x);
    f.get(args.w).get(output).get(args.k).op("i32.mul").i32(4).op("i32.mul").op("i32.add").set(firstWeight);
    f.get(args.out).get(task).get(args.outChannel).op("i32.mul").op("i32.add").set(out);
    f.i32x4(0).set(bias);
    f.get(args.bias).if(() => {
      f.get(args.bias).get(output).i32(4).op("i32.mul").op("i32.add").load("v128.load32_splat").set(bias);
    });
    f.get(args.starts).set(starts);
    f.get(args.outs).set(outs);
    emitFor(f, starts, startsEnd, 4 * TILE_VECTORS, () => {
      accumulators.forEach((accumulator, i) => {
        f.get(starts)
          .load("i32.load", { offset: 4 * i })
          .get(x)
          .op("i32.add")
          .set(pointers[i] ?? target);
        f.i32x4(0).set(accumulator);
      });
      products();
      f.get(args.bias).if(() => {
        for (const accumulator of accumulators) f.get(accumulator).get(bias).op("f32x4.add").set(accumulator);
      });
      store();
      emitAdvance(f, outs, 4 * TILE_VECTORS);
    });
  });
  return module;
}

/** The gradient by the weights. Sums of an image's products are added up over images in order. */
export function pixelWeightKernel(memory: MemoryType, lanes: Lanes, spacing: Spacing): ModuleBuilder {
  const module = new ModuleBuilder({ memory });
  const f = module.function("run", { params: ["i32", "i32", "i32"], results: [] });
  const args = emitLoadArguments(f, f.param(0), PIXEL_WEIGHT_ARGUMENTS);
  const [output, outputEnd] = [f.param(1), f.param(2)] as const;
  const { image, x, slot, gy, gw, tap, last, whole, out } = i32Locals(
    f,
    ...(["image", "x", "slot", "gy", "gw", "tap", "last", "whole", "out"] as const),
  );
  const { at, end, block, blockEnd, start } = i32Locals(f, ...(["at", "end", "block", "blockEnd", "start"] as const));
  const sums = Array.from({ length: TILE_TAPS }, () => f.local("v128"));
  const pointers = sums.map(() => f.local("i32"));
  const [gradient, mask] = [f.local("v128"), f.local("v128")];
  const input = groupReader(f, args, output, slot);

  /** Pushes the address of the gradient of element `tap`. */
  const result = () => f.get(gw).get(tap).i32(4).op("i32.mul").op("i32.add").tee(out);
  /** Adds the products of vectors from `at` to `until`. */
  const products = (until: Local, masked: boolean) =>
    emitFor(f, at, until, 4, () => {
      f.get(gy).get(args.outs).get(at).op("i32.add").load("i32.load").op("i32.add").load("v128.load", { align: 4 });
      if (masked) f.get(mask).op("v128.and");
      f.set(gradient);
      f.get(args.starts).get(at).op("i32.add").load("i32.load").set(start);
      sums.forEach((sum, j) => {
        const pixels = () =>
          emitPixels(
            f,
            () =>
              f
                .get(pointers[j] ?? x)
                .get(start)
                .op("i32.add"),
            spacing,
          );
        emitMultiplyAdd(f, lanes, sum, () => f.get(gradient), pixels);
      });
    });

  const lane = new Int32Array([3, 2, 1, 0]);
  f.get(args.tailLanes).op("i32x4.splat").v128const(new Uint8Array(lane.buffer)).op("i32x4.gt_s").set(mask);
  f.get(args.k).i32(1).op("i32.sub").set(last);
  f.get(args.vectors).i32(4).op("i32.mul").set(args.vectors);
  f.get(args.vectors).get(args.tails).i32(4).op("i32.mul").op("i32.sub").set(whole);
  emitFor(f, output, outputEnd, 1, () => {
    f.get(args.gw).get(output).get(args.k).op("i32.mul").i32(4).op("i32.mul").op("i32.add").set(gw);
    f.i32(0).set(tap);
    emitFor(f, tap, args.k, 1, () => result().f32(0).store("f32.store"));
    f.i32(0).set(image);
    emitFor(f, image, args.batch, 1, () => {
      input(image, output, x);
      f.get(args.gy).get(image).get(args.gyImage).op("i32.mul").op("i32.add");
      f.get(output).get(args.gyChannel).op("i32.mul").op("i32.add").set(gy);
      f.i32(0).set(tap);
      emitFor(f, tap, args.k, TILE_TAPS, () => {
        pointers.forEach((pointer, j) => {
          f.get(x).get(args.columns);
          f.get(tap).i32(j).op("i32.add").tee(at).get(last).get(at).get(args.k).op("i32.lt_u").op("select");
          f.i32(4).op("i32.mul").op("i32.add").load("i32.load").op("i32.add").set(pointer);
        });
        f.i32(0).set(block);
        emitFor(f, block, args.vectors, 4 * BLOCK_VECTORS, () => {
          for (const sum of sums) f.i32x4(0).set(sum);
          f.get(block)
            .i32(4 * BLOCK_VECTORS)
            .op("i32.add")
            .set(blockEnd);
          f.get(block).set(at);
          emitMinimum(f, blockEnd, whole, end);
          products(end, false);
          emitMinimum(f, blockEnd, args.vectors, end);
          products(end, true);
          f.block((done) => {
            sums.forEach((sum, j) => {
              f.get(tap).i32(j).op("i32.add").get(args.k).op("i32.ge_u").brIf(done);
              result()
                .get(out)
                .load("f32.load", { offset: 4 * j });
              emitLaneSum(f, sum);
              f.op("f32.add").store("f32.store", { offset: 4 * j });
            });
          });
        });
      });
    });
  });
  return module;
}

/** What both kernels know of their input. */
type InputArguments = Readonly<
  Record<(typeof images)[number] | (typeof framing)[number] | (typeof frame)[number], Local>
>;

/**
 * Code that sets `x` to the address of the input channels of an output's group in an image, in a frame if they need one.
 * `begin`, the first task, chooses the range's frame.
 */
function groupReader(
  f: FunctionBuilder,
  args: InputArguments,
  begin: Local,
  slot: Local,
): (image: Local, output: Local, x: Local) => void {
  const { channel, target, inner } = i32Locals(f, "channel", "target", "inner");
  const frameChannel = channelFramer(f, args);
  f.get(args.framed)
    .get(begin)
    .get(args.grain)
    .op("i32.div_u")
    .get(args.slotBytes)
    .op("i32.mul")
    .op("i32.add")
    .set(slot);
  return (image, output, x) => {
    f.get(args.x).get(image).get(args.xImage).op("i32.mul").op("i32.add");
    f.get(output).get(args.lanes).op("i32.div_u").get(args.xGroup).op("i32.mul").op("i32.add").set(x);
    f.get(args.framed).if(() => {
      f.get(x).set(channel);
      f.i32(0).set(inner);
      f.get(slot).set(x);
      emitFor(f, inner, args.inner, 1, () => {
        f.get(slot).get(inner).get(args.framedBytes).op("i32.mul").op("i32.add").set(target);
        frameChannel(channel, target);
        emitAdvance(f, channel, args.channelBytes);
      });
    });
  };
}

/** Pushes four pixels, the first of which is at the address that `address` pushes. */
export function emitPixels(f: FunctionBuilder, address: () => void, spacing: Spacing): void {
  const load = (offset: number) => {
    address();
    f.load("v128.load", { align: 4, offset });
  };
  load(0);
  if (spacing === 1) return;
  // Elements 0 to 3 and 3 to 6: nothing beyond the last pixel is read.
  load(12);
  f.shuffle32([0, 2, 5, 7]);
}

/** Pushes the sum of the four lanes, as a float32. */
function emitLaneSum(f: FunctionBuilder, vector: Local): void {
  const pairs = f.local("v128");
  f.get(vector).get(vector).get(vector).shuffle32([2, 3, 0, 1]).op("f32x4.add").tee(pairs);
  f.lane("f32x4.extract_lane", 0).get(pairs).lane("f32x4.extract_lane", 1).op("f32.add");
}
