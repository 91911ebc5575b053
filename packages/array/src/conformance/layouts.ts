/** Elementwise kernels over views of every kind. */
import { dtypes, type DType } from "../dtype.js";
import { elementwise } from "../kernel/elementwise.js";
import * as k from "../kernel/ops.js";
import type { NdArray } from "../ndarray.js";
import { sizeOf, type Shape } from "../shape.js";
import { broadcastStrides } from "../kernel/layout.js";
import { exact, expectArray, expectElements, rounded } from "./compare.js";
import { define, type CaseDefinition, type Context } from "./context.js";

/** A view of `shape` on elements that count up, and what they are. */
export interface Laid {
  readonly x: NdArray;
  readonly values: number[];
}

/** Ways in which the elements of an array can lie. */
export const layouts = [
  "contiguous",
  "transposed",
  "sliced",
  "reversed",
  "offset",
  "broadcast",
  "outer axis broadcast",
] as const;
export type LayoutName = (typeof layouts)[number];

/** A view of a shape with at least one axis, in a layout. */
export function laidOut({ array }: Context, layout: LayoutName, shape: Shape, dtype: DType, seed = 0): Laid {
  const size = sizeOf(shape);
  const last = shape.length - 1;
  const lengths = [...shape];
  const length = lengths[last] as number;
  const made = (stored: Shape, view: (x: NdArray) => NdArray): Laid => {
    const numbers = Float64Array.from({ length: sizeOf(stored) }, (_, i) => element(i, seed, dtype));
    const x = view(array(numbers, dtype, stored));
    return { x, values: gather(numbers, x) };
  };
  const strided = (x: NdArray, strides: readonly number[], offset: number): NdArray => x.view(shape, strides, offset);
  switch (layout) {
    case "contiguous":
      return made(shape, (x) => x);
    case "transposed":
      return made(lengths.toReversed(), (x) => strided(x, x.strides.toReversed(), 0));
    case "sliced":
      return made([...shape.slice(0, -1), 2 * length + 1], (x) => {
        const { strides } = x;
        return strided(x, strides.with(last, 2), 1);
      });
    case "reversed":
      return made(shape, (x) =>
        strided(
          x,
          x.strides.map((s) => -s),
          Math.max(size - 1, 0),
        ),
      );
    case "offset":
      return made([size + 3], (x) => {
        const strides = [...shape].map((_, axis) => sizeOf(shape.slice(axis + 1)));
        return strided(x, strides, 3);
      });
    case "broadcast":
      return made([...shape.slice(0, -1), 1], (x) => strided(x, broadcastStrides(x, shape), 0));
    case "outer axis broadcast":
      return made(shape.slice(-1), (x) => strided(x, broadcastStrides(x, shape), 0));
  }
}

/** Small numbers that every dtype holds and that differ from their neighbours. */
function element(i: number, seed: number, dtype: DType): number {
  const value = (i * 7 + seed * 5) % 23;
  return dtype === "bool" ? value % 2 : value;
}

/** Elements of a view in C order, out of its storage's. */
function gather(stored: ArrayLike<number>, { shape, strides, offset }: NdArray): number[] {
  let values = [offset];
  shape.forEach((length, axis) => {
    const stride = strides[axis] as number;
    values = values.flatMap((at) => Array.from({ length }, (_, i) => at + i * stride));
  });
  return values.map((at) => stored[at] as number);
}

const sum = elementwise("conformance_sum", (a, b) => k.add(a, b));
const root = elementwise("conformance_root", (a) => k.add(k.sqrt(k.abs(a)), 1));
const shapes: readonly Shape[] = [
  [1],
  [7],
  [64],
  [3, 5],
  [2, 3, 4],
  [5, 1, 17],
  [2, 2, 3, 2, 2],
  [33, 65],
  [0, 4],
  [3, 0],
];

const reading: CaseDefinition[] = layouts.flatMap((a) =>
  layouts.map((b) =>
    define(`layout: ${a} with ${b}`, ["float32"], async (context) => {
      for (const shape of shapes) {
        const [x, y] = [laidOut(context, a, shape, "float32"), laidOut(context, b, shape, "float32", 1)];
        expectElements(await x.x.data(), x.values, "float32");
        const expected = x.values.map((value, i) => value + (y.values[i] as number));
        await expectArray(sum(x.x, y.x), expected, "float32", shape);
        const roots = x.values.map((value) => Math.sqrt(value) + 1);
        await expectArray(root(x.x), roots, "float32", shape, { ulps: 4 });
      }
    }),
  ),
);

const typed: CaseDefinition[] = dtypes.flatMap((dtype) =>
  layouts.map((layout) =>
    define(`layout: ${layout} of ${dtype}`, [dtype], async (context) => {
      for (const shape of [[21], [6, 11], [3, 4, 5]]) {
        const [x, y] = [laidOut(context, layout, shape, dtype), laidOut(context, "contiguous", shape, dtype, 2)];
        expectElements(await x.x.data(), x.values, dtype);
        const add = (a: number, b: number): number => (dtype === "bool" ? a | b : a + b);
        const expected = x.values.map((value, i) => add(value, y.values[i] as number));
        await expectArray(sum(x.x, y.x), expected, dtype, shape);
        await expectArray(sum(y.x, x.x), expected, dtype, shape);
      }
    }),
  ),
);

const writing: CaseDefinition[] = dtypes.flatMap((dtype) =>
  (["contiguous", "transposed", "sliced", "reversed", "offset"] as const).map((layout) =>
    define(`layout: into ${layout} of ${dtype}`, [dtype, "float32"], async (context) => {
      for (const shape of [[19], [6, 11], [3, 4, 5]]) {
        const [x, out] = [laidOut(context, "contiguous", shape, "float32"), laidOut(context, layout, shape, dtype, 3)];
        copy.into(out.x, x.x);
        const expected = x.values.map((value) => (dtype === "bool" ? Number(value !== 0) : value));
        await expectArray(out.x, expected, dtype, shape);
      }
    }),
  ),
);

const copy = elementwise("conformance_copy", (a) => a);
const swap = elementwise("conformance_swap", (a, b) => [b, a]);
const numbered = elementwise("conformance_index", (a) => k.add(k.mul(a, 100), k.index));
const lookup = elementwise("conformance_lookup", { buffers: ["table"] }, (at, { table }) => table.at(at));
const line = elementwise("conformance_line", { scalars: ["slope"], uints: ["shift"] }, (x, { slope, shift }) => [
  k.mul(x, slope),
  k.shl(k.cast(x, "uint32"), shift),
]);
const equal = elementwise("conformance_equal", { scalars: ["named"] }, (x, number, { named }) =>
  k.logicalAnd(k.eq(x, number), k.eq(x, named)),
);

const others: CaseDefinition[] = [
  define("elementwise: sizes that are no multiple of a vector, and large ones", ["float32"], async (context) => {
    for (const size of [
      0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 127, 129, 1000, 1027, 100_003, 1_000_001,
    ]) {
      const { x, values } = laidOut(context, "contiguous", [size], "float32");
      await expectArray(
        sum(x, 0.5),
        values.map((value) => value + 0.5),
        "float32",
        [size],
      );
    }
  }),
  define("elementwise: 0-d arrays", ["float32"], async ({ array }) => {
    const x = array([2.5], "float32", []);
    await expectArray(sum(x, x), [5], "float32", []);
    await expectArray(sum(x, array([1, 2, 3])), [3.5, 4.5, 5.5], "float32", [3]);
  }),
  define("elementwise: in place, also where operand and result overlap", ["float32"], async ({ array }) => {
    const x = array([1, 2, 3, 4, 5, 6]);
    sum.into(x, x, x);
    await expectArray(x, [2, 4, 6, 8, 10, 12], "float32", [6]);
    sum.into(x.view([5], [1], 1), x.view([5], [1], 0), 1);
    await expectArray(x, [2, 3, 5, 7, 9, 11], "float32", [6]);
    copy.into(x, x.view([6], [-1], 5));
    await expectArray(x, [11, 9, 7, 5, 3, 2], "float32", [6]);
  }),
  define("elementwise: several results", ["float32", "uint32"], async ({ array }) => {
    const [x, y] = [array([1, 2, 3]), array([4, 5, 6])];
    swap.into([x, y], x, y);
    await expectArray(x, [4, 5, 6], "float32", [3]);
    await expectArray(y, [1, 2, 3], "float32", [3]);
    const [first, second] = swap(x, y);
    await expectArray(first, [1, 2, 3], "float32", [3]);
    await expectArray(second, [4, 5, 6], "float32", [3]);
  }),
  define("elementwise: named scalars and unsigned integers", ["float32", "uint32"], async ({ array }) => {
    const [scaled, shifted] = line(array([1, 2, 3]), { slope: 0.1, shift: 30 });
    await expectArray(scaled, [0.1, 0.2, 0.3], "float32", [3], { ulps: 1 });
    await expectArray(shifted, [2 ** 30, 2 ** 31, 3 * 2 ** 30], "uint32", [3]);
  }),
  define("elementwise: numbers are rounded to float32", ["float32", "bool"], async ({ array }) => {
    await expectArray(equal(array([0.1, 0.2, 0.1]), 0.1, { named: 0.1 }), [1, 0, 1], "bool", [3]);
  }),
  define("elementwise: the position, in C order, of any layout", ["float32"], async (context) => {
    for (const layout of layouts) {
      const { x, values } = laidOut(context, layout, [4, 9], "float32");
      const expected = values.map((value, i) => value * 100 + i);
      await expectArray(numbered(x), expected, "float32", [4, 9]);
      const out = laidOut(context, "transposed", [4, 9], "float32");
      numbered.into(out.x, x);
      await expectArray(out.x, expected, "float32", [4, 9]);
    }
  }),
  ...dtypes.map((dtype) =>
    define(`elementwise: reading ${dtype} at computed positions`, [dtype, "int32"], async ({ array }) => {
      const values = [3, 1, 4, 1, 5, 9, 2, 6].map((value) => (dtype === "bool" ? value % 2 : value));
      const stored = array([7, ...values], dtype);
      const table = stored.view([8], [1], 1);
      const order = [7, 0, 3, 3, 5, 1, 2, 6, 4];
      const expected = order.map((i) => values[i] as number);
      await expectArray(lookup(array(order, "int32"), { table }), expected, dtype, [9]);
    }),
  ),
  define("elementwise: mixed dtypes", ["float32", "int32", "uint8", "bool"], async ({ array }) => {
    const [f, i, u, b] = [
      array([0.5, 1.5]),
      array([-3, 7], "int32"),
      array([200, 100], "uint8"),
      array([1, 0], "bool"),
    ];
    await expectArray(sum(f, i), [-2.5, 8.5], "float32", [2]);
    await expectArray(sum(i, u), [197, 107], "int32", [2]);
    await expectArray(sum(u, b), [201, 100], "uint8", [2]);
    await expectArray(sum(u, u), [144, 200], "uint8", [2]);
    await expectArray(sum(b, b), [1, 0], "bool", [2], exact);
  }),
  define("elementwise: float16 rounds when it is stored", ["float16"], async ({ array }) => {
    const x = array([2048, 60000, 0.1], "float16");
    const tenth = rounded(0.1, "float16");
    await expectArray(sum(x, x), [4096, Infinity, 2 * tenth], "float16", [3]);
    await expectArray(sum(x, 1), [2048, 60000, tenth + 1], "float16", [3], { ulps: 1 });
  }),
];

export const layoutCases: readonly CaseDefinition[] = [...reading, ...typed, ...writing, ...others];
