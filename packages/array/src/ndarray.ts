import type { Backend } from "./backend.js";
import { itemsize, type DType, type TypedArray } from "./dtype.js";
import { DeviceError, ValueError } from "./errors.js";
import { decode, storedView } from "./host.js";
import { relieveMemory } from "./memory/pressure.js";
import { adopt } from "./memory/scope.js";
import { allocateStorage, freeStorage, useAfterFree, type Storage } from "./memory/storage.js";
import { contiguousStrides, formatShape, isContiguous, sizeOf, type Shape } from "./shape.js";

/** Nested lists of numbers or booleans, as `tolist` gives them. */
export type NestedList = number | boolean | NestedList[];

/**
 * An n-dimensional array: a strided view of memory that belongs to one device, as NumPy's `ndarray`.
 *
 * Operations are methods where NumPy has methods, and functions of this package for all. They return at once on every
 * device; only reading elements ({@link NdArray.data}, {@link NdArray.tolist}, {@link NdArray.item}) is awaited.
 */
export class NdArray {
  /** Lengths of the axes. */
  readonly shape: Shape;
  /** Distances between neighbours along each axis, in elements. */
  readonly strides: readonly number[];
  /** Position of the first element in the storage, in elements. */
  readonly offset: number;
  readonly dtype: DType;
  /** Number of elements. */
  readonly size: number;
  /** Whether elements lie in C order without gaps. */
  readonly contiguous: boolean;
  /** The array that this one is a view of, or null if it owns its memory. */
  readonly base: NdArray | null;
  readonly storage: Storage;
  private disposed = false;

  /** Library code makes arrays with {@link empty} and {@link NdArray.view}. */
  constructor(
    storage: Storage,
    dtype: DType,
    shape: Shape,
    strides: readonly number[],
    offset: number,
    size: number,
    contiguous: boolean,
    base: NdArray | null,
  ) {
    this.storage = storage;
    this.dtype = dtype;
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.size = size;
    this.contiguous = contiguous;
    this.base = base;
  }

  /** A new array with undefined contents. */
  static allocate(backend: Backend, dtype: DType, shape: Shape, strides?: readonly number[], size?: number): NdArray {
    if (!backend.supports(dtype)) {
      throw new DeviceError(
        `device "${backend.name}" has no ${dtype}${dtype === "float64" ? "; use float32, or the cpu" : ""}`,
      );
    }
    const count = size ?? sizeOf(shape);
    const storage = allocateStorage(backend, count * itemsize(dtype));
    const array = new NdArray(storage, dtype, shape, strides ?? contiguousStrides(shape), 0, count, true, null);
    adopt(array, storage);
    return array;
  }

  /** Number of axes. */
  get ndim(): number {
    return this.shape.length;
  }

  /** Size of one element in bytes. */
  get itemsize(): number {
    return itemsize(this.dtype);
  }

  /** Bytes that the elements take. */
  get nbytes(): number {
    return this.size * itemsize(this.dtype);
  }

  /** Name of the device that holds the elements. */
  get device(): string {
    return this.storage.backend.name;
  }

  /** Length of the first axis; an error for a 0-d array. */
  get length(): number {
    const length = this.shape[0];
    if (length === undefined) throw new ValueError("length of a 0-d array");
    return length;
  }

  /** Another view of the same memory. Nothing is checked: the caller answers for staying inside it. */
  view(shape: Shape, strides: readonly number[], offset: number): NdArray {
    const { storage } = this;
    if (storage.freed) throw this.freedError();
    storage.references++;
    const base = this.base ?? this;
    return new NdArray(storage, this.dtype, shape, strides, offset, sizeOf(shape), isContiguous(shape, strides), base);
  }

  /**
   * Elements in C order, as a typed array of its own: Float32Array for float32 and float16, Uint8Array for uint8 and
   * bool, and so on. Waits for the device.
   */
  async data(): Promise<TypedArray> {
    if (this.storage.remains !== null) return this.dataOf(this.storage.remains);
    this.checkAlive();
    const { storage } = this;
    const { start, count } = this.span();
    const bytes = await storage.backend.read(storage.buffer, start * this.itemsize, count * this.itemsize);
    await relieveMemory();
    return this.arrange(storedView(this.dtype, bytes), start);
  }

  /** {@link data} at once, where the device can (the cpu). */
  dataSync(): TypedArray {
    if (this.storage.remains !== null) return this.dataOf(this.storage.remains);
    this.checkAlive();
    const { storage } = this;
    const { backend } = storage;
    if (backend.readSync === undefined) {
      throw new DeviceError(
        `device "${backend.name}" cannot be read synchronously; await data() instead of dataSync()`,
      );
    }
    const { start, count } = this.span();
    const bytes = backend.readSync(storage.buffer, start * this.itemsize, count * this.itemsize);
    return this.arrange(storedView(this.dtype, bytes), start);
  }

  /** Elements as nested lists; a number or boolean for a 0-d array. */
  async tolist(): Promise<NestedList> {
    return nest(await this.data(), this.shape, this.dtype === "bool");
  }

  /** {@link tolist} at once, where the device can. */
  tolistSync(): NestedList {
    return nest(this.dataSync(), this.shape, this.dtype === "bool");
  }

  /** The only element, as a number (0 or 1 for bool). */
  async item(): Promise<number> {
    this.checkSingle();
    return (await this.data())[0] as number;
  }

  /** {@link item} at once, where the device can. */
  itemSync(): number {
    this.checkSingle();
    return this.dataSync()[0] as number;
  }

  /** Gives up this array; the memory is freed when no view of it is left. Using it afterwards is an error. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    if (--this.storage.references === 0) freeStorage(this.storage);
  }

  /** See `ArrayHolder`. */
  collectArrays(): Iterable<NdArray> {
    return [this];
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Throws `UseAfterFreeError` if the memory is gone. */
  checkAlive(): void {
    if (this.storage.freed || this.disposed) throw this.freedError();
  }

  private freedError(): Error {
    return useAfterFree(this.storage, this.shape, this.dtype);
  }

  private checkSingle(): void {
    if (this.size !== 1) {
      throw new ValueError(`item() takes an array of one element, got shape ${formatShape(this.shape)}`);
    }
  }

  /** Elements of this view, out of all of its storage's bytes. */
  private dataOf(bytes: Uint8Array<ArrayBuffer>): TypedArray {
    const { start, count } = this.span();
    return this.arrange(
      storedView(this.dtype, bytes.slice(start * this.itemsize, (start + count) * this.itemsize)),
      start,
    );
  }

  /** First element and number of elements of the part of the storage that this view touches. */
  private span(): { start: number; count: number } {
    if (this.contiguous || this.size === 0) return { start: this.offset, count: this.size };
    let low = this.offset;
    let high = this.offset;
    for (let i = 0; i < this.shape.length; i++) {
      const reach = ((this.shape[i] as number) - 1) * (this.strides[i] as number);
      if (reach < 0) low += reach;
      else high += reach;
    }
    return { start: low, count: high - low + 1 };
  }

  /** Elements of this view in C order, out of the span that starts at element `start`. */
  private arrange(stored: TypedArray, start: number): TypedArray {
    if (this.contiguous) return decode(this.dtype, stored);
    const result = stored.slice(0, 0).constructor as new (n: number) => TypedArray;
    const ordered = new result(this.size);
    const { shape, strides } = this;
    const last = shape.length - 1;
    let next = 0;
    const walk = (axis: number, at: number): void => {
      const length = shape[axis] as number;
      const stride = strides[axis] as number;
      for (let i = 0; i < length; i++, at += stride) {
        if (axis === last) ordered[next++] = stored[at] as number;
        else walk(axis + 1, at);
      }
    };
    walk(0, this.offset - start);
    return decode(this.dtype, ordered);
  }
}

function nest(data: TypedArray, shape: Shape, boolean: boolean): NestedList {
  let next = 0;
  const build = (axis: number): NestedList => {
    if (axis === shape.length) {
      const value = data[next++] as number;
      return boolean ? value !== 0 : value;
    }
    return Array.from({ length: shape[axis] as number }, () => build(axis + 1));
  };
  return build(0);
}
