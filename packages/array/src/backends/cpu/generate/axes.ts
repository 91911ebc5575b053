import type { Local } from "../wasm/assembler.js";
import type { ArgumentLayout } from "./arguments.js";
import type { Context } from "./emitter.js";

/** Walks pointers over consecutive loop axes in C order. Lengths and strides are read from the argument block. */
export class AxisWalker {
  /** Position along each axis, first axis first. */
  readonly #counters: readonly Local[];

  /** @param pointers - the pointer of each operand `k` that walks */
  constructor(
    private readonly context: Context,
    private readonly args: Local,
    private readonly layout: ArgumentLayout,
    private readonly pointers: ReadonlyMap<number, Local>,
    private readonly from: number,
    to: number,
  ) {
    this.#counters = Array.from({ length: to - from }, () => context.pool.take("i32"));
  }

  /** From the position where all counters are 0 to position `linear`, which this overwrites. */
  seek(linear: Local): void {
    const { context, args, layout, from } = this;
    const { f } = context;
    for (let i = this.#counters.length - 1; i >= 0; i--) {
      const counter = this.#counter(i);
      if (i === 0) {
        f.get(linear).set(counter);
      } else {
        f.get(linear)
          .get(args)
          .load("i32.load", { offset: layout.length(from + i) })
          .op("i32.rem_u")
          .set(counter);
        f.get(linear)
          .get(args)
          .load("i32.load", { offset: layout.length(from + i) })
          .op("i32.div_u")
          .set(linear);
      }
      for (const [k, pointer] of this.pointers) {
        this.#stride(k, i);
        f.get(counter).op("i32.mul").get(pointer).op("i32.add").set(pointer);
      }
    }
  }

  /** To the next position. Past the last one pointers are meaningless. */
  step(): void {
    const { f } = this.context;
    const { args, layout, from } = this;
    f.block((done) => {
      for (let i = this.#counters.length - 1; i >= 0; i--) {
        const counter = this.#counter(i);
        for (const [k, pointer] of this.pointers) {
          this.#stride(k, i);
          f.get(pointer).op("i32.add").set(pointer);
        }
        if (i === 0) return;
        f.get(counter).i32(1).op("i32.add").tee(counter);
        f.get(args).load("i32.load", { offset: layout.length(from + i) });
        f.op("i32.lt_u").brIf(done);
        for (const [k, pointer] of this.pointers) {
          f.get(pointer);
          this.#stride(k, i);
          f.get(counter).op("i32.mul").op("i32.sub").set(pointer);
        }
        f.i32(0).set(counter);
      }
    });
  }

  #counter(i: number): Local {
    return this.#counters[i] as Local;
  }

  #stride(k: number, i: number): void {
    this.context.f.get(this.args).load("i32.load", { offset: this.layout.stride(k, this.from + i) });
  }
}
