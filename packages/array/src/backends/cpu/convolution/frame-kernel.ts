import { argumentLayout, emitAdvance, emitFor, emitLoadArguments, i32Locals } from "../matmul/emit.js";
import { type FunctionBuilder, type Local, type MemoryType, ModuleBuilder } from "../wasm/assembler.js";

/**
 * Arguments of a frame kernel. `sources` is the address of a table with a byte offset for each row of a framed channel:
 * where in the channel its elements come from, or a negative number for a row of zeros. A row has `left` zeros, `width` elements and
 * `right` zeros; `channelBytes` and `framedBytes` lie between channels.
 */
export const FRAME_ARGUMENTS = argumentLayout(
  ["x", "channelBytes", "framed", "framedBytes"],
  ["sources", "rowsPerChannel", "left", "width", "right"],
);

/** A kernel that copies float32 channels, one a task, into a frame of zeros; up to 3 elements after each are overwritten. */
export function frameKernel(memory: MemoryType): ModuleBuilder {
  const module = new ModuleBuilder({ memory });
  const f = module.function("run", { params: ["i32", "i32", "i32"], results: [] });
  const args = emitLoadArguments(f, f.param(0), FRAME_ARGUMENTS);
  const task = f.param(1);
  const { channel, target } = i32Locals(f, "channel", "target");
  const frame = channelFramer(f, args);
  emitFor(f, task, f.param(2), 1, () => {
    f.get(args.x).get(task).get(args.channelBytes).op("i32.mul").op("i32.add").set(channel);
    f.get(args.framed).get(task).get(args.framedBytes).op("i32.mul").op("i32.add").set(target);
    frame(channel, target);
  });
  return module;
}

/** What says how a channel lies in its frame. */
export type FrameArguments = Readonly<Record<"sources" | "rowsPerChannel" | "left" | "width" | "right", Local>>;

/**
 * Code that copies the channel at an address into a frame at another, which it moves behind it. `border` pushes a vector of what
 * frames consist of.
 */
export function channelFramer(
  f: FunctionBuilder,
  args: FrameArguments,
  border: () => void = () => f.i32x4(0),
): (channel: Local, target: Local) => void {
  const { row, source, at, end } = i32Locals(f, ...(["row", "source", "at", "end"] as const));
  return (channel, target) => {
    /** Writes vectors over `count` elements from `target` on, and puts `target` behind the last of those. */
    const write = (count: () => void, emitVector: () => void) => {
      f.get(target).set(at);
      f.get(target);
      count();
      f.i32(4).op("i32.mul").op("i32.add").tee(end).set(target);
      emitFor(f, at, end, 16, () => {
        f.get(at);
        emitVector();
        f.store("v128.store", { align: 4 });
      });
    };
    const edge = (count: () => void) => write(count, border);

    f.i32(0).set(row);
    emitFor(f, row, args.rowsPerChannel, 1, () => {
      emitSource(f, args.sources, row, source);
      f.get(source).i32(0).op("i32.lt_s");
      f.if(
        () => edge(() => f.get(args.left).get(args.width).op("i32.add").get(args.right).op("i32.add")),
        () => {
          // Whole vectors: what is written too far is written again, by what follows.
          edge(() => f.get(args.left));
          f.get(channel).get(source).op("i32.add").set(source);
          write(
            () => f.get(args.width),
            () => {
              f.get(source).load("v128.load", { align: 4 });
              emitAdvance(f, source, 16);
            },
          );
          edge(() => f.get(args.right));
        },
      );
    });
  };
}

function emitSource(f: FunctionBuilder, sources: Local, row: Local, result: Local): void {
  f.get(sources).get(row).i32(4).op("i32.mul").op("i32.add").load("i32.load").set(result);
}
