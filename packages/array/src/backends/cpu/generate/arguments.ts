import type { Launch } from "../../../backend.js";
import { itemsize, type DType } from "../../../dtype.js";
import type { ComputeType, Program } from "../../../kernel/program.js";
import type { WasmMemory } from "../memory/wasm-memory.js";
import { operandTypes } from "./operand-types.js";

/**
 * Where a kernel finds what belongs to a launch: a block of 32-bit words in memory with the addresses of the operands
 * (outputs, then array inputs) and buffers, the lengths of the loop axes, extra words of the kind of kernel, strides in
 * bytes, and scalars (64-bit ones first, so that they are aligned).
 */
export class ArgumentLayout {
  /** Dtypes of the operands: outputs, then array inputs. */
  readonly dtypes: readonly DType[];
  readonly bytes: number;
  readonly #rank: number;
  readonly #scalarTypes: readonly ComputeType[];
  readonly #scalarOffsets: readonly number[];
  readonly #sizes: readonly number[];
  readonly #bufferSizes: readonly number[];
  readonly #pointersAt: number;
  readonly #lengthsAt: number;
  readonly #extrasAt: number;
  readonly #stridesAt: number;

  /** @param extras - number of extra words */
  constructor(program: Program, extras = 0) {
    this.dtypes = operandTypes(program).map(({ dtype }) => dtype);
    this.#sizes = this.dtypes.map(itemsize);
    this.#bufferSizes = program.buffers.map(itemsize);
    this.#rank = program.rank;
    this.#scalarTypes = program.scalars;
    let at = 0;
    const offsets: number[] = [];
    program.scalars.forEach((type, i) => {
      if (type !== "float64") return;
      offsets[i] = at;
      at += 8;
    });
    program.scalars.forEach((type, i) => {
      if (type === "float64") return;
      offsets[i] = at;
      at += 4;
    });
    this.#scalarOffsets = offsets;
    this.#pointersAt = at;
    this.#lengthsAt = at + 4 * (this.dtypes.length + program.buffers.length);
    this.#extrasAt = this.#lengthsAt + 4 * program.rank;
    this.#stridesAt = this.#extrasAt + 4 * extras;
    this.bytes = this.#stridesAt + 4 * this.dtypes.length * program.rank;
  }

  /** Byte offset of scalar `i`. */
  scalar(i: number): number {
    return this.#scalarOffsets[i] as number;
  }

  /** Byte offset of the address of operand `k`'s first element. */
  pointer(k: number): number {
    return this.#pointersAt + 4 * k;
  }

  /** Byte offset of the address of a buffer. */
  buffer(i: number): number {
    return this.pointer(this.dtypes.length + i);
  }

  /** Byte offset of the length of an axis. */
  length(axis: number): number {
    return this.#lengthsAt + 4 * axis;
  }

  /** Byte offset of an extra word. */
  extra(i: number): number {
    return this.#extrasAt + 4 * i;
  }

  /** Byte offset of operand `k`'s stride, in bytes, along an axis. */
  stride(k: number, axis: number): number {
    return this.#stridesAt + 4 * (k * this.#rank + axis);
  }

  /** Writes a launch to the block at `address`. */
  write(memory: WasmMemory, address: number, launch: Launch): void {
    const { outputs, inputs, buffers, scalars, shape, strides } = launch;
    const { u32 } = memory;
    const types = this.#scalarTypes;
    for (let i = 0; i < types.length; i++) {
      const at = address + (this.#scalarOffsets[i] as number);
      const value = scalars[i] as number;
      if (types[i] === "float32") memory.f32[at >>> 2] = value;
      else if (types[i] === "float64") memory.f64[at >>> 3] = value;
      else u32[at >>> 2] = value;
    }
    let word = (address + this.#pointersAt) >>> 2;
    const sizes = this.#sizes;
    let k = 0;
    for (let i = 0; i < outputs.length; i++) {
      const { storage, offset } = outputs[i] as (typeof outputs)[number];
      u32[word++] = (storage.buffer as number) + offset * (sizes[k++] as number);
    }
    for (let i = 0; i < inputs.length; i++) {
      const { storage, offset } = inputs[i] as (typeof inputs)[number];
      u32[word++] = (storage.buffer as number) + offset * (sizes[k++] as number);
    }
    for (let i = 0; i < buffers.length; i++) {
      const { storage, offset } = buffers[i] as (typeof buffers)[number];
      u32[word++] = (storage.buffer as number) + offset * (this.#bufferSizes[i] as number);
    }
    const rank = this.#rank;
    for (let axis = 0; axis < rank; axis++) u32[word++] = shape[axis] as number;
    if (strides === null) return;
    word = (address + this.#stridesAt) >>> 2;
    for (let i = 0; i < strides.length; i++) {
      const own = strides[i] as readonly number[];
      const size = sizes[i] as number;
      for (let axis = 0; axis < rank; axis++) u32[word++] = (own[axis] as number) * size;
    }
  }

  /** Writes an extra word. */
  writeExtra(memory: WasmMemory, address: number, i: number, value: number): void {
    memory.u32[(address + this.extra(i)) >>> 2] = value;
  }
}
