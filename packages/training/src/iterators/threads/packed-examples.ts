import { array, NdArray, type DType } from "@chain/array";

/**
 * Where the parts of an example are: numbers and arrays in shared memory, at byte offsets from the example's beginning;
 * what fits no array, a string say, in the layout itself.
 */
type Layout =
  | { readonly kind: "number"; readonly offset: number }
  | { readonly kind: "array"; readonly dtype: DType; readonly shape: readonly number[]; readonly elements: Elements }
  | { readonly kind: "typed"; readonly elements: Elements }
  | { readonly kind: "list"; readonly items: readonly Layout[] }
  | { readonly kind: "dictionary"; readonly entries: readonly (readonly [key: string, item: Layout])[] }
  | { readonly kind: "value"; readonly value: unknown };

/** Elements of a typed array. */
interface Elements {
  readonly type: ElementType;
  readonly length: number;
  readonly offset: number;
}

const elementTypes = {
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
};
type ElementType = keyof typeof elementTypes;
type ElementArray<B extends ArrayBufferLike = ArrayBufferLike> =
  | Float32Array<B>
  | Float64Array<B>
  | Int8Array<B>
  | Int16Array<B>
  | Int32Array<B>
  | Uint8Array<B>
  | Uint8ClampedArray<B>
  | Uint16Array<B>
  | Uint32Array<B>
  | BigInt64Array<B>
  | BigUint64Array<B>;

/** Examples on their way from one thread to another. */
export interface PackedExamples {
  readonly memory: SharedArrayBuffer;
  /** Where each example begins in the memory. */
  readonly starts: readonly number[];
  /** The layout of each example, or one that all of them have. */
  readonly layouts: readonly Layout[];
}

/**
 * Puts examples into shared memory, one after the other: into `memory` if it is large enough, otherwise into new one.
 *
 * @throws DeviceError if arrays among them are on a device that cannot be read at once.
 */
export function packExamples(examples: readonly unknown[], memory: SharedArrayBuffer | null): PackedExamples {
  const parts: [offset: number, elements: ElementArray][] = [];
  const starts: number[] = [];
  let size = 0;
  const layouts = examples.map((example) => {
    const writer = new LayoutWriter();
    const layout = writer.layoutOf(example);
    for (const [offset, elements] of writer.parts) parts.push([size + offset, elements]);
    starts.push(size);
    size += writer.size;
    return layout;
  });
  const target = memory !== null && memory.byteLength >= size ? memory : new SharedArrayBuffer(size);
  const bytes = new Uint8Array(target);
  for (const [offset, { buffer, byteLength, byteOffset }] of parts) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), offset);
  }
  return { memory: target, starts, layouts: areAlike(layouts) ? layouts.slice(0, 1) : layouts };
}

/** The examples again; nothing of them is left in the shared memory. Arrays are on the default device. */
export function unpackExamples({ layouts, memory, starts }: PackedExamples): unknown[] {
  return starts.map((start, i) => unpack((layouts[i] ?? layouts[0]) as Layout, memory, start));
}

/** Lays out one example; offsets are multiples of eight. */
class LayoutWriter {
  readonly parts: [offset: number, elements: ElementArray][] = [];
  size = 0;

  layoutOf(value: unknown): Layout {
    if (typeof value === "number") return { kind: "number", offset: this.place(Float64Array.of(value)) };
    if (value instanceof NdArray) {
      const { dtype, shape } = value;
      return { kind: "array", dtype, shape: [...shape], elements: this.elementsOf(value.dataSync()) };
    }
    if (isElementArray(value)) return { kind: "typed", elements: this.elementsOf(value) };
    if (Array.isArray(value)) return { kind: "list", items: value.map((item) => this.layoutOf(item)) };
    if (isDictionary(value)) {
      return { kind: "dictionary", entries: Object.entries(value).map(([key, item]) => [key, this.layoutOf(item)]) };
    }
    return { kind: "value", value };
  }

  private elementsOf(elements: ElementArray): Elements {
    const type = elements.constructor.name as ElementType;
    return { type, length: elements.length, offset: this.place(elements) };
  }

  private place(elements: ElementArray): number {
    const offset = this.size;
    this.parts.push([offset, elements]);
    this.size += Math.ceil(elements.byteLength / 8) * 8;
    return offset;
  }
}

function unpack(layout: Layout, memory: SharedArrayBuffer, start: number): unknown {
  switch (layout.kind) {
    case "number":
      return new Float64Array(memory, start + layout.offset, 1)[0];
    case "array": {
      const elements = viewOf(layout.elements, memory, start);
      return array(elements as Float32Array, { dtype: layout.dtype }).reshape(...layout.shape);
    }
    case "typed":
      return viewOf(layout.elements, memory, start).slice();
    case "list":
      return layout.items.map((item) => unpack(item, memory, start));
    case "dictionary":
      return Object.fromEntries(layout.entries.map(([key, item]) => [key, unpack(item, memory, start)]));
    case "value":
      return layout.value;
  }
}

function viewOf({ length, offset, type }: Elements, memory: SharedArrayBuffer, start: number): ElementArray {
  const make: new (memory: SharedArrayBuffer, offset: number, length: number) => ElementArray = elementTypes[type];
  return new make(memory, start + offset, length);
}

function isElementArray(value: unknown): value is ElementArray {
  return ArrayBuffer.isView(value) && Object.hasOwn(elementTypes, value.constructor.name);
}

function isDictionary(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Whether one layout stands for all: they are equal, and have no values of their own. */
function areAlike(layouts: readonly Layout[]): boolean {
  const [first] = layouts;
  return first !== undefined && layouts.every((layout) => isSame(first, layout));
}

function isSame(a: Layout, b: Layout): boolean {
  // Offsets follow from what comes before, so that lengths are enough.
  switch (a.kind) {
    case "number":
      return b.kind === "number";
    case "array":
      return (
        b.kind === "array" &&
        a.dtype === b.dtype &&
        a.shape.length === b.shape.length &&
        a.shape.every((length, axis) => length === b.shape[axis])
      );
    case "typed":
      return b.kind === "typed" && a.elements.type === b.elements.type && a.elements.length === b.elements.length;
    case "list":
      return (
        b.kind === "list" &&
        a.items.length === b.items.length &&
        a.items.every((item, i) => isSame(item, b.items[i] as Layout))
      );
    case "dictionary":
      return (
        b.kind === "dictionary" &&
        a.entries.length === b.entries.length &&
        a.entries.every(([key, item], i) => key === b.entries[i]?.[0] && isSame(item, b.entries[i][1]))
      );
    case "value":
      return false;
  }
}
