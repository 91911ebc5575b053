import type { DType } from "../../../dtype.js";
import { itemsize } from "../../../dtype.js";
import type { Layout } from "../../../kernel/program.js";
import type { Local } from "../wasm/assembler.js";
import type { ArgumentLayout } from "./arguments.js";
import type { Context } from "./emitter.js";

/** What is left at the end of a row: fewer elements than a value has lanes. */
export interface Tail {
  /** How many lanes count, an i32. */
  readonly count: Local;
  /** All ones in the lanes that count. */
  readonly mask: Local;
}

/** One execution of a loop's body. */
export interface Step {
  /** Position of the first lane behind that of the pointers, in elements. */
  readonly displacement: number;
  /** Which copy of the body in an unrolled loop this is. */
  readonly copy: number;
  readonly tail: Tail | null;
}

/** An operand that moves along the inner axis. */
export class RowOperand {
  /** Address of the element at the loop's position. */
  readonly pointer: Local;
  readonly #context: Context;
  readonly #stride: Local | null;
  /** Distances of lanes 1, 2 and 3 from lane 0. */
  readonly #lanes: readonly Local[];

  constructor(
    context: Context,
    readonly dtype: DType,
    readonly layout: Layout,
    pointer: Local | null = null,
  ) {
    this.#context = context;
    this.pointer = pointer ?? context.pool.take("i32");
    const strided = layout === "strided";
    this.#stride = strided ? context.pool.take("i32") : null;
    this.#lanes = strided && context.machine.lanes === 4 ? [1, 2, 3].map(() => context.pool.take("i32")) : [];
  }

  /** Reads the stride from the argument block. */
  prepare(args: Local, layout: ArgumentLayout, k: number, axis: number): void {
    const { f } = this.#context;
    if (this.#stride !== null)
      f.get(args)
        .load("i32.load", { offset: layout.stride(k, axis) })
        .set(this.#stride);
  }

  /** To be emitted before every loop over the inner axis. */
  startRow(): void {
    const { f } = this.#context;
    if (this.#stride === null) return;
    let last: Local = this.#stride;
    this.#lanes.forEach((distance, i) => {
      if (i === 0) f.get(last).set(distance);
      else
        f.get(last)
          .get(this.#stride as Local)
          .op("i32.add")
          .set(distance);
      last = distance;
    });
  }

  /** Makes lanes that do not count fall on lanes that do, so that reading them is harmless. */
  clampLanes({ count }: Tail): void {
    const { f } = this.#context;
    this.#lanes.forEach((distance, i) => {
      f.get(distance);
      if (i === 0) f.i32(0);
      else f.get(this.#lanes[i - 1] as Local);
      f.get(count)
        .i32(i + 1)
        .op("i32.gt_u")
        .op("select")
        .set(distance);
    });
  }

  /** Adds `elements` positions to a pointer. */
  move(elements: number | Local): void {
    const { f } = this.#context;
    if (this.layout === "broadcast") return;
    f.get(this.pointer);
    if (this.#stride === null) {
      const size = itemsize(this.dtype);
      if (typeof elements === "number") f.i32(elements * size);
      else {
        f.get(elements);
        if (size > 1) f.i32(Math.log2(size)).op("i32.shl");
      }
    } else {
      f.get(this.#stride);
      if (typeof elements !== "number") f.get(elements).op("i32.mul");
      else if (elements !== 1) f.i32(elements).op("i32.mul");
    }
    f.op("i32.add").set(this.pointer);
  }

  /** Pushes the elements of a step. */
  load({ displacement }: Step): void {
    const { f, machine } = this.#context;
    if (this.layout === "contiguous") {
      machine.loadContiguous(this.dtype, this.pointer, displacement * itemsize(this.dtype));
    } else if (this.layout === "broadcast") {
      machine.loadSpread(this.dtype, this.pointer);
    } else {
      machine.loadLanes(this.dtype, [
        () => f.get(this.pointer),
        ...this.#lanes.map((distance) => () => void f.get(this.pointer).get(distance).op("i32.add")),
      ]);
    }
  }

  /** Stores the elements of a step; of a tail only those that count. */
  store({ displacement, tail }: Step, value: Local): void {
    const { f, machine } = this.#context;
    if (tail === null && this.layout === "contiguous") {
      machine.storeContiguous(this.dtype, this.pointer, displacement * itemsize(this.dtype), value);
      return;
    }
    const storeLane = (lane: number): void =>
      machine.storeLane(
        this.dtype,
        lane,
        () => {
          f.get(this.pointer);
          if (lane === 0) return;
          if (this.layout === "contiguous") f.i32(lane * itemsize(this.dtype));
          else f.get(this.#lanes[lane - 1] as Local);
          f.op("i32.add");
        },
        value,
      );
    if (tail === null) {
      for (let lane = 0; lane < machine.lanes; lane++) storeLane(lane);
      return;
    }
    f.block((done) => {
      storeLane(0);
      for (let lane = 1; lane < 3; lane++) {
        f.get(tail.count).i32(lane).op("i32.le_u").brIf(done);
        storeLane(lane);
      }
    });
  }

  /** Stores lane 0 at the pointer. */
  storeFirst(value: Local): void {
    this.#context.machine.storeLane(this.dtype, 0, () => this.#context.f.get(this.pointer), value);
  }
}

/** A pointer to what is no operand: it moves by a number of bytes for each value (of as many elements as it has lanes). */
export interface MovingPointer {
  readonly pointer: Local;
  readonly bytes: number;
}

/** A loop over the inner axis. */
export interface InnerLoop {
  readonly operands: readonly RowOperand[];
  readonly moving?: readonly MovingPointer[];
  /** Number of elements, an i32; 0 afterwards. */
  readonly left: Local;
  /** Copies of the body in the main loop. */
  readonly unroll: number;
  /** Positions of the lanes, where the body asks for them: those of the copy of the body. */
  readonly position: Local | null;
  /** Whether a tail's mask is used. */
  readonly masks: boolean;
  readonly body: (step: Step) => void;
}

/**
 * Emits the loop. What is left when fewer elements than lanes remain is computed by the same instructions: loads reach
 * beyond the end (which is always inside the memory), stores do not.
 */
export function emitInnerLoop(context: Context, loop: InnerLoop): void {
  const { f, machine, pool } = context;
  const { left, operands, moving = [], position, body } = loop;
  const { lanes } = machine;
  const unroll = operands.some(({ layout }) => layout === "strided") ? 1 : loop.unroll;
  const step = position === null ? null : pool.take(machine.valueType("int32"));
  if (step !== null) {
    machine.constant("int32", lanes);
    f.set(step);
  }
  const advance = (count: number): void => {
    for (const operand of operands) operand.move(count);
    for (const { pointer, bytes } of moving)
      f.get(pointer)
        .i32((count / lanes) * bytes)
        .op("i32.add")
        .set(pointer);
    f.get(left).i32(count).op("i32.sub").tee(left);
  };
  const main = (copies: number): void => {
    const count = copies * lanes;
    f.get(left).i32(count).op("i32.ge_u");
    f.if(() => {
      f.loop((next) => {
        for (let copy = 0; copy < copies; copy++) {
          pool.scoped(() => body({ displacement: copy * lanes, copy, tail: null }));
          if (position !== null && step !== null) {
            f.get(position)
              .get(step)
              .op(lanes === 1 ? "i32.add" : "i32x4.add")
              .set(position);
          }
        }
        advance(count);
        f.i32(count).op("i32.ge_u").brIf(next);
      });
    });
  };
  main(unroll);
  if (unroll > 1) main(1);
  if (lanes === 1) return;
  f.get(left);
  f.if(() => {
    pool.scoped(() => {
      const tail: Tail = { count: left, mask: pool.take("v128") };
      if (loop.masks) {
        f.v128const(new Uint8Array(Int32Array.of(0, 1, 2, 3).buffer));
        f.get(left).op("i32x4.splat").op("i32x4.lt_s").set(tail.mask);
      }
      for (const operand of operands) operand.clampLanes(tail);
      body({ displacement: 0, copy: 0, tail });
    });
    f.i32(0).set(left);
  });
}
