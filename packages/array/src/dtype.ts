/**
 * The element types of arrays, their storage, and how they promote.
 *
 * Promotion is NumPy's for these types, except that an integer with a float gives that float (a GPU has no float64),
 * and that int32 with uint32 gives int32 (there is no int64).
 */

/** Name of an element type. */
export type DType = "bool" | "uint8" | "int32" | "uint32" | "float16" | "float32" | "float64";

/** Every dtype, ordered so that promotion is, but for one pair, the later of two. */
export const dtypes = ["bool", "uint8", "int32", "uint32", "float16", "float32", "float64"] as const satisfies DType[];

/** Typed arrays that hold elements as they are stored (`float16` as raw bits). */
export type TypedArray = Uint8Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

interface DTypeInfo {
  /** Small integer, the position in {@link dtypes}; used in cache keys. */
  readonly code: number;
  readonly bytes: number;
  readonly kind: "bool" | "int" | "float";
}

const table: Record<DType, DTypeInfo> = {
  bool: { code: 0, bytes: 1, kind: "bool" },
  uint8: { code: 1, bytes: 1, kind: "int" },
  int32: { code: 2, bytes: 4, kind: "int" },
  uint32: { code: 3, bytes: 4, kind: "int" },
  float16: { code: 4, bytes: 2, kind: "float" },
  float32: { code: 5, bytes: 4, kind: "float" },
  float64: { code: 6, bytes: 8, kind: "float" },
};

/** Size of one element in bytes. */
export function itemsize(dtype: DType): number {
  return table[dtype].bytes;
}

/** The dtype's position in {@link dtypes}. */
export function dtypeCode(dtype: DType): number {
  return table[dtype].code;
}

/** Whether `dtype` is float16, float32 or float64. */
export function isFloating(dtype: DType): boolean {
  return table[dtype].kind === "float";
}

/** Whether `dtype` is uint8, int32 or uint32. */
export function isInteger(dtype: DType): boolean {
  return table[dtype].kind === "int";
}

/** Whether `name` names a dtype. */
export function isDType(name: unknown): name is DType {
  return typeof name === "string" && Object.hasOwn(table, name);
}

/** The dtype that holds the result of an operation on `a` and `b`. */
export function promoteTypes(a: DType, b: DType): DType {
  if (a === b) return a;
  if ((a === "int32" && b === "uint32") || (a === "uint32" && b === "int32")) return "int32";
  return table[a].code > table[b].code ? a : b;
}

/**
 * The dtype of an operation between an array of `dtype` and the JavaScript number `value`. Numbers are weak: they take
 * the array's dtype, except that a fraction (or NaN, Infinity) makes an integer array float32 and any integer makes a
 * bool array int32.
 */
export function promoteNumber(dtype: DType, value: number): DType {
  if (isFloating(dtype)) return dtype;
  if (!Number.isInteger(value)) return "float32";
  return dtype === "bool" ? "int32" : dtype;
}

/** The floating dtype that functions such as `exp` and true division compute in: itself, or float32 for the rest. */
export function floatingType(dtype: DType): DType {
  return isFloating(dtype) ? dtype : "float32";
}

/** The dtype of a sum or product: bool becomes int32 and uint8 becomes uint32, everything else stays. */
export function accumulatorType(dtype: DType): DType {
  if (dtype === "bool") return "int32";
  return dtype === "uint8" ? "uint32" : dtype;
}
