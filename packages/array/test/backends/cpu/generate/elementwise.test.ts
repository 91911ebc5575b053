import { beforeAll, describe, expect, test } from "@jest/globals";
import { fc } from "../../../../../../testing/property.js";
import { dtypes, type DType } from "../../../../src/dtype.js";
import { halfToNumber, numberToHalf, roundToHalf } from "../../../../src/half.js";
import { elementwise } from "../../../../src/kernel/index.js";
import * as ops from "../../../../src/kernel/ops.js";
import { ipow, reference } from "../../../../src/kernel/reference.js";
import { scope } from "../../../../src/memory/scope.js";
import type { NdArray } from "../../../../src/ndarray.js";
import {
  bits,
  build,
  contiguous,
  double,
  kernelOf,
  length,
  make,
  operand,
  oracle,
  sameBits,
  single,
  startThreads,
  target,
  tree,
  unshared,
} from "./arrays.js";

const dtype = fc.constantFrom(...dtypes);
const shape = fc.oneof(
  fc.tuple(length),
  fc.tuple(length, length),
  fc.tuple(fc.integer({ min: 1, max: 4 }), length, fc.integer({ min: 1, max: 9 })),
);

describe("random expressions are what plain JavaScript computes, to the bit", () => {
  const problem = (types: fc.Arbitrary<DType>, plain: boolean) =>
    fc.tuple(shape, fc.array(types, { minLength: 1, maxLength: 3 })).chain(([dims, inputTypes]) =>
      fc.record({
        types: fc.constant(inputTypes),
        operands: fc.tuple(...inputTypes.map((type) => operand(dims, type, plain))),
        trees: fc.array(tree(inputTypes.length, { position: true }), { minLength: 1, maxLength: 2 }),
      }),
    );

  test.each([
    ["float32, contiguous", fc.constant<DType>("float32"), true],
    ["float32, any layout", fc.constant<DType>("float32"), false],
    ["any dtypes, any layout", dtype, false],
  ])("%s", (_, types, plain) => {
    fc.assert(
      fc.property(problem(types, plain), ({ operands, trees, types: inputTypes }) => {
        const kernel = kernelOf(inputTypes.length, (inputs) => trees.map((t) => build(t, inputs, inputTypes)));
        scope(() => {
          const expected = kernel(...operands.map((spec) => make(spec, oracle)));
          const actual = kernel(...operands.map((spec) => make(spec, single)));
          expected.forEach((array, i) => {
            expect(actual[i]?.dtype).toBe(array.dtype);
            expect(bits(actual[i] as NdArray)).toEqual(bits(array));
          });
        });
      }),
      { numRuns: 400 },
    );
  });

  test("into arrays of any dtype and layout; nothing else is written", () => {
    const into = fc.tuple(shape, dtype, dtype).chain(([dims, from, to]) =>
      fc.record({
        from: fc.constant(from),
        x: operand(dims, from),
        out: target(dims, to),
        t: tree(1, { position: true }),
      }),
    );
    fc.assert(
      fc.property(into, ({ from, x, out, t }) => {
        const kernel = kernelOf(1, (inputs) => [build(t, inputs, [from])]);
        scope(() => {
          const [actual, expected] = [unshared, oracle].map((backend) => {
            const made = make(out, backend);
            kernel.into([made], make(x, backend).view(out.shape, broadcastTo(x, out.shape), x.offset));
            return bits(made.base as NdArray);
          });
          expect(actual).toEqual(expected);
        });
      }),
      { numRuns: 400 },
    );
  });
});

function broadcastTo(x: { shape: readonly number[]; strides: readonly number[] }, to: readonly number[]): number[] {
  return x.strides.map((stride, i) => (x.shape[i] === to[i] ? stride : 0));
}

describe("in place", () => {
  const swapAndAdd = elementwise("swap_and_add", (x, y) => [ops.add(x, y), ops.sub(x, y)] as const);

  test("every output is an operand", () => {
    scope(() => {
      const values = Array.from({ length: 37 }, (_, i) => i);
      const [x, y] = [
        make(contiguous("float32", values), single),
        make(contiguous("float32", values.toReversed()), single),
      ];
      swapAndAdd.into([x, y], x, y);
      expect([...x.dataSync()]).toEqual(values.map(() => 36));
      expect([...y.dataSync()]).toEqual(values.map((i) => 2 * i - 36));
    });
  });

  test("an operand that overlaps the output otherwise is read as it was, every time", () => {
    const copy = elementwise("copy", (x) => x);
    for (const dims of [9, 9, 30]) {
      scope(() => {
        const x = make(
          contiguous(
            "float32",
            Array.from({ length: dims + 1 }, (_, i) => i),
          ),
          single,
        );
        copy.into(x.view([dims], [1], 1), x.view([dims], [1], 0));
        expect([...x.dataSync()]).toEqual([0, ...Array.from({ length: dims }, (_, i) => i)]);
      });
    }
  });
});

describe("float16", () => {
  const patterns = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const convert = elementwise("convert", (x) => x);
  const round = elementwise("round", (x) => ops.cast(ops.cast(x, "float16"), "float32"));

  test("all 65536 patterns to float32 and back, as half.ts has them", () => {
    scope(() => {
      const halves = make(contiguous("float16", new Array<number>(65536).fill(0)), single);
      single.write(halves.storage.buffer, 0, new Uint8Array(patterns.buffer));
      const numbers = make(contiguous("float32", new Array<number>(65536).fill(0)), single);
      convert.into(numbers, halves);
      expect(numbers.dataSync()).toEqual(Float32Array.from(patterns, halfToNumber));
      convert.into(halves, numbers);
      const back = single.readSync?.(halves.storage.buffer, 0, 131072) ?? new Uint8Array();
      expect(new Uint16Array(back.buffer)).toEqual(patterns.map((p) => numberToHalf(halfToNumber(p))));
    });
  });

  test("rounding at, just below and just above every midpoint, and far beyond", () => {
    const floats = new Float32Array(1);
    const words = new Int32Array(floats.buffer);
    const values: number[] = [1e10, -1e10, Infinity, -Infinity, NaN, 65504, 65519.99, 65520, 1e-30];
    for (let p = 0; p < 0x7c00; p++) {
      floats[0] = (halfToNumber(p) + (p === 0x7bff ? 65536 : halfToNumber(p + 1))) / 2;
      const middle = words[0] as number;
      for (const bit of [-1, 0, 1]) {
        words[0] = middle + bit;
        values.push(floats[0], -floats[0]);
      }
    }
    scope(() => {
      const x = make(contiguous("float32", values), single);
      expect(bits(round(x))).toEqual(Float32Array.from(x.dataSync(), roundToHalf));
      const doubles = make(contiguous("float64", values), single);
      expect(bits(round(doubles))).toEqual(Float32Array.from(x.dataSync(), roundToHalf));
    });
  });
});

describe("operations without an instruction", () => {
  const extremes = [0, 1, -1, 2, -2, 3, 7, -7, 10, 31, 32, 65536, 2 ** 31 - 1, -(2 ** 31), -(2 ** 31) + 1];
  const pairs = extremes.flatMap((a) => extremes.map((b) => [a, b] as const));

  test.each<DType>(["int32", "uint32"])("quotient, remainder and power of %s at the extremes", (type) => {
    const kernel = elementwise("divisions", (x, y) => [ops.idiv(x, y), ops.fmod(x, y), ops.ipow(x, y)] as const);
    const wrap = (v: number): number => (type === "uint32" ? v >>> 0 : v | 0);
    scope(() => {
      const [a, b] = [0, 1].map((k) =>
        make(
          contiguous(
            type,
            pairs.map((pair) => wrap(pair[k] as number)),
          ),
          single,
        ),
      );
      const [quotients, remainders, powers] = kernel(a as NdArray, b as NdArray);
      pairs
        .map((pair) => pair.map(wrap) as [number, number])
        .forEach(([x, y], i) => {
          expect([x, y, quotients.dataSync()[i]]).toEqual([x, y, y === 0 ? 0 : wrap(Math.trunc(x / y))]);
          expect([x, y, remainders.dataSync()[i]]).toEqual([x, y, y === 0 ? 0 : wrap(x % y)]);
          expect([x, y, powers.dataSync()[i]]).toEqual([x, y, wrap(ipow(x, y))]);
        });
    });
  });

  test.each<DType>(["float32", "float64"])("remainder of %s is exact", (type) => {
    const magnitudes = [0, 1e-45, 1e-40, 1e-38, 0.1, 0.3, 1, 2.5, 3, 1e7, 16777215, 1e20, 3e38, Infinity, NaN];
    const values = magnitudes.flatMap((v) => [v, -v]).map((v) => (type === "float32" ? Math.fround(v) : v));
    const xs = values.flatMap((x) => values.map(() => x));
    const ys = values.flatMap(() => values);
    const fmod = elementwise("fmod", (x, y) => ops.fmod(x, y));
    scope(() => {
      const result = fmod(make(contiguous(type, xs), single), make(contiguous(type, ys), single)).dataSync();
      xs.forEach((x, i) => expect([x, ys[i], result[i]]).toEqual([x, ys[i], x % (ys[i] as number)]));
    });
  });

  const { cbrt, digamma, erf, erfc, erfinv, exp, lgamma, log1p, sin } = ops;
  test.each(Object.entries({ cbrt, digamma, erf, erfc, erfinv, exp, lgamma, log1p, sin }))(
    "%s of float64 is the reference's",
    (name, operation) => {
      const kernel = elementwise(name, (x) => operation(x));
      const expected = reference[name as "exp"];
      const values = [-3.5, -1, -0.5, 0, 1e-9, 0.3, 0.99, 1, 2, 5.5, 40, NaN, Infinity, -Infinity];
      scope(() => {
        const result = kernel(make(contiguous("float64", values), double)).dataSync();
        values.forEach((x, i) => expect([x, result[i]]).toEqual([x, expected(x)]));
      });
    },
  );

  test("powers: 1 to anything and -1 to infinity are 1", () => {
    const pow = elementwise("pow", (x, y) => ops.pow(x, y));
    scope(() => {
      const x = make(contiguous("float32", [1, 1, -1, -1, 2, 0, -8]), single);
      const y = make(contiguous("float32", [NaN, Infinity, Infinity, -Infinity, 0.5, 0, 3]), single);
      expect([...pow(x, y).dataSync()]).toEqual([1, 1, 1, 1, Math.fround(Math.SQRT2), 1, -512]);
    });
  });
});

describe("named parameters", () => {
  const pick = elementwise(
    "pick",
    { scalars: ["scale"], uints: ["step"], buffers: ["table"] },
    (x, { scale, step, table }) =>
      ops.mul(table.at(ops.fmod(ops.mul(ops.cast(x, "int32"), ops.cast(step, "int32")), 7)), scale),
  );

  test.each<[DType, DType]>([
    ["float32", "float32"],
    ["int32", "float16"],
    ["uint8", "uint8"],
    ["float32", "bool"],
    ["float64", "float64"],
    ["float32", "int32"],
  ])("scalars, unsigned integers and a table: %s positions, %s table", (type, tableType) => {
    for (const count of [1, 2, 3, 5, 8, 41]) {
      scope(() => {
        const x = contiguous(
          type,
          Array.from({ length: count }, (_, i) => i),
        );
        const table = contiguous(tableType, [3, 0, 1, 7, 9, 4, 2]);
        const [actual, expected] = [single, oracle].map((backend) =>
          pick(make(x, backend), { scale: 1.5, step: 3, table: make(table, backend) }),
        );
        expect(bits(actual as NdArray)).toEqual(bits(expected as NdArray));
      });
    }
  });

  test("a uint32 parameter keeps all its bits", () => {
    const xor = elementwise("xor", { uints: ["key"] }, (x, { key }) => ops.bitXor(x, key));
    scope(() => {
      const result = xor(make(contiguous("uint32", [0, 1, 0xffffffff]), single), { key: 0xf0000001 });
      expect([...result.dataSync()]).toEqual([0xf0000001, 0xf0000000, 0x0ffffffe]);
    });
  });
});

describe("threads", () => {
  beforeAll(startThreads);

  const wave = elementwise("wave", (x, y) => ops.add(ops.sin(x), ops.mul(ops.exp(y), ops.index)));

  test.each([
    ["flat", [300_001], [300_001]],
    ["rows", [700, 501], [501]],
    ["columns", [700, 501], [700, 1]],
  ])("two threads give what one gives: %s", (_, dims, other) => {
    const [x, y] = [dims, other].map((d) =>
      contiguous(
        "float32",
        Array.from({ length: d.reduce((a, b) => a * b) }, (__, i) => Math.cos(i) * 3),
        d,
      ),
    );
    scope(() => {
      const [one, two] = [single, double].map((backend) => wave(make(x as never, backend), make(y as never, backend)));
      expect(sameBits(one as NdArray, two as NdArray)).toBe(true);
    });
  });
});

describe("blocks of strided operands", () => {
  const combine = elementwise("combine", (x, y) => ops.sub(x, ops.mul(y, 3)));

  test.each([[[0, 1, 2]], [[0, 2, 1]], [[1, 0, 2]], [[1, 2, 0]], [[2, 0, 1]], [[2, 1, 0]]])(
    "axes in the order %j",
    (order) => {
      const own = [5, 37, 530];
      const dims = order.map((axis) => own[axis] as number);
      const strides = order.map((axis) => own.slice(axis + 1).reduce((a, b) => a * b, 1));
      for (const type of ["float32", "uint8", "float64"] as const) {
        const elements = Array.from({ length: 5 * 37 * 530 }, (_, i) => (i * 7) % 251);
        const permuted = { dtype: type, elements, shape: dims, strides, offset: 0 };
        scope(() => {
          const [expected, ...actual] = [oracle, single, double].map((backend) =>
            combine(make(permuted, backend), make(contiguous(type, elements, dims), backend)),
          ) as [NdArray, NdArray, NdArray];
          for (const array of actual) expect(sameBits(array, expected)).toBe(true);
        });
      }
    },
  );
});

test("printing shows the WebAssembly that is run", () => {
  scope(() => {
    const x = make(contiguous("float32", [1, 2, 3]), single);
    const text = elementwise("scale", (a) => ops.mul(a, 2)).print(x);
    expect(text).toContain("scale(a) = mul(a, 2)");
    expect(text).toContain("(func $run");
    expect(text).toContain("f32x4.mul");
  });
});
