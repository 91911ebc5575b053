import { array, InvalidType, ValueError } from "@chain/array";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, numbers } from "../support.js";

const pair = (value: number | [number, number]): [number, number] =>
  typeof value === "number" ? [value, value] : value;

describe("im2col", () => {
  interface Settings {
    readonly stride?: number | [number, number];
    readonly pad?: number | [number, number];
    readonly coverAll?: boolean;
    readonly dilate?: number | [number, number];
  }
  const cases: [[number, number], number | [number, number], Settings][] = [
    [[3, 4], 2, {}],
    [[5, 5], 3, { stride: 2, pad: 1 }],
    [[5, 4], [1, 3], { stride: [2, 1], pad: [0, 2] }],
    [[6, 5], 2, { stride: 2, coverAll: true }],
    [[6, 6], 2, { dilate: 2, pad: 1 }],
    [[1, 1], 1, {}],
  ];

  test.each(cases)("of images of %j with windows of %j, %j", (size, ksize, settings) => {
    const x = numbers([2, 3, ...size]);
    const [kh, kw] = pair(ksize);
    const [[sy, sx], [py, px], [dy, dx]] = [
      pair(settings.stride ?? 1),
      pair(settings.pad ?? 0),
      pair(settings.dilate ?? 1),
    ];
    const count = (length: number, k: number, s: number, p: number, d: number): number => {
      const room = length + 2 * p - ((k - 1) * d + 1);
      return (settings.coverAll === true ? Math.ceil(room / s) : Math.floor(room / s)) + 1;
    };
    const [height, width] = [count(size[0], kh, sy, py, dy), count(size[1], kw, sx, px, dx)];
    const y = F.im2col(x, ksize, settings);
    expect(y.shape).toEqual([2, 3 * kh * kw, height, width]);
    const values = elements(x);
    const expected: number[] = [];
    for (let plane = 0; plane < 6; plane++) {
      for (let k = 0; k < kh * kw; k++) {
        for (let at = 0; at < height * width; at++) {
          const row = Math.floor(at / width) * sy - py + Math.floor(k / kw) * dy;
          const column = (at % width) * sx - px + (k % kw) * dx;
          const inside = row >= 0 && row < size[0] && column >= 0 && column < size[1];
          expected.push(inside ? (values[(plane * size[0] + row) * size[1] + column] as number) : 0);
        }
      }
    }
    expectElements(y, expected);
  });

  test.each(cases)("has the right derivatives for %j, %j, %j", async (size, ksize, settings) => {
    await checkGradients((x) => F.im2col(x, ksize, settings), [numbers([1, 2, ...size])]);
  });

  test("refuses what does not fit", () => {
    expect(() => F.im2col(numbers([1, 1, 2, 2]), 3)).toThrow(
      "im2col (forward): expected x with room for a window in its height, got 2",
    );
    expect(() => F.im2col(numbers([2, 2]), 1)).toThrow(InvalidType);
    expect(() => F.im2col(numbers([1, 1, 2, 2]), 0)).toThrow("im2col: ksize is a whole number from 1 up, got 0");
    expect(() => F.im2col(numbers([1, 1, 2, 2]), 1, { pad: -1 })).toThrow(ValueError);
  });
});

describe("resizeImages", () => {
  const line = array([[[[0, 10, 20, 30]]]], { dtype: "float64" });

  test("keeps corners in place, or does not", () => {
    expectElements(F.resizeImages(line, [1, 7]), [0, 5, 10, 15, 20, 25, 30]);
    expectElements(F.resizeImages(line, [1, 2]), [0, 30]);
    expectElements(F.resizeImages(line, [1, 2], { alignCorners: false }), [5, 25]);
    expectElements(F.resizeImages(line, [1, 8], { alignCorners: false }), [0, 2.5, 7.5, 12.5, 17.5, 22.5, 27.5, 30]);
    expectElements(F.resizeImages(line, [1, 6], { mode: "nearest" }), [0, 0, 10, 20, 20, 30]);
    expectElements(F.resizeImages(line, [2, 1]), [0, 0]);
    expectElements(F.resizeImages(line, [1, 4]), [0, 10, 20, 30]);
  });

  test("resizes both directions of every channel", () => {
    const x = array(
      [
        [
          [
            [0, 2],
            [4, 6],
          ],
          [
            [1, 1],
            [1, 1],
          ],
        ],
      ],
      { dtype: "float64" },
    );
    expectElements(F.resizeImages(x, [3, 3]), [0, 1, 2, 2, 3, 4, 4, 5, 6, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(F.resizeImages(x.astype("float32"), [3, 3]).dtype).toBe("float32");
  });

  test("has the right derivatives", async () => {
    const x = numbers([2, 2, 3, 4]);
    await checkGradients((v) => F.resizeImages(v, [5, 3]), [x]);
    await checkGradients((v) => F.resizeImages(v, [2, 6], { alignCorners: false }), [x]);
    await checkGradients((v) => F.resizeImages(v, [4, 4], { mode: "nearest" }), [x]);
  });

  test("refuses what does not fit", () => {
    expect(() => F.resizeImages(numbers([2, 2]), [1, 1])).toThrow(InvalidType);
    expect(() => F.resizeImages(line, [0, 1])).toThrow(ValueError);
    expect(() => F.resizeImages(line, [1, 1], { mode: "cubic" as never })).toThrow(ValueError);
  });
});

describe("the spatial transformer", () => {
  const identity = array(
    [
      [
        [1, 0, 0],
        [0, 1, 0],
      ],
    ],
    { dtype: "float64" },
  );

  test("has points from -1 to 1, x before y", async () => {
    const grid = await F.spatialTransformerGrid(identity, [2, 3]).tolist();
    expect(grid).toEqual([
      [
        [
          [-1, 0, 1],
          [-1, 0, 1],
        ],
        [
          [-1, -1, -1],
          [1, 1, 1],
        ],
      ],
    ]);
  });

  test("gives the image back under the identity, and shifts and flips it", () => {
    const x = numbers([1, 2, 3, 4]);
    expectElements(F.spatialTransformerSampler(x, F.spatialTransformerGrid(identity, [3, 4])), elements(x));
    const flip = array(
      [
        [
          [-1, 0, 0],
          [0, 1, 0],
        ],
      ],
      { dtype: "float64" },
    );
    expectElements(F.spatialTransformerSampler(x, F.spatialTransformerGrid(flip, [3, 4])), elements(F.flip(x, 3)));
    const right = array(
      [
        [
          [1, 0, 2 / 3],
          [0, 1, 0],
        ],
      ],
      { dtype: "float64" },
    );
    const shifted = F.spatialTransformerSampler(x, F.spatialTransformerGrid(right, [3, 4]));
    expectElements(
      shifted,
      elements(x).map((_, i) => (i % 4 === 3 ? 0 : (elements(x)[i + 1] as number))),
    );
  });

  test("is 0 far outside, and halfway at the border", () => {
    const x = array(
      [
        [
          [
            [4, 4],
            [4, 4],
          ],
        ],
      ],
      { dtype: "float64" },
    );
    const grid = array([[[[9, -2, -1]], [[0, -1, -1]]]], { dtype: "float64" });
    expectElements(F.spatialTransformerSampler(x, grid), [0, 2, 4]);
  });

  test("has the right derivatives", async () => {
    await checkGradients((theta) => F.spatialTransformerGrid(theta, [2, 3]), [numbers([2, 2, 3])]);
    await checkGradients(
      (x, grid) => F.spatialTransformerSampler(x, grid),
      [
        numbers([2, 2, 3, 4]),
        numbers([2, 2, 2, 3], { low: -1.4, high: 1.4, avoid: [-1, -1 / 3, 0, 1 / 3, 1], seed: 4 }),
      ],
    );
  });

  test("refuses what does not fit", () => {
    expect(() => F.spatialTransformerGrid(numbers([1, 3, 3]), [2, 2])).toThrow(InvalidType);
    expect(() => F.spatialTransformerGrid(identity, [0, 2])).toThrow(ValueError);
    expect(() => F.spatialTransformerSampler(numbers([1, 1, 2, 2]), numbers([2, 2, 1, 1]))).toThrow(InvalidType);
    expect(() => F.spatialTransformerSampler(numbers([1, 1, 2, 2]), numbers([1, 3, 1, 1]))).toThrow(InvalidType);
  });
});
