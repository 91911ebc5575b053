/** A WebAssembly value type that kernels use. */
export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128";

const TYPE_CODES: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

/** The byte that stands for a value type in a binary. */
export function typeCode(type: ValueType): number {
  return TYPE_CODES[type];
}

/** What a function takes and returns. */
export interface Signature {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** The memory that a module imports. */
export interface MemoryType {
  readonly shared: boolean;
  /** Fewest pages (64 KiB) the memory must have; 0 if absent. */
  readonly initial?: number;
  /** Most pages it may have; a shared memory needs one. 65536 (4 GiB) if absent. */
  readonly maximum?: number;
}
