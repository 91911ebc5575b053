import { arange, array, random, ValueError, InvalidType, type NdArray } from "@chain/array";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { TransformBatchDataset, TransformDataset, TupleDataset } from "../../src/datasets/index.js";
import { SerialIterator } from "../../src/iterators/index.js";
import { compose, normalize, randomCrop, randomFlip } from "../../src/transforms/index.js";

beforeEach(() => random.seed(1));

/** Images whose pixels tell where they were: 1 + position in their plane, plus 100 for each channel, negative in odd images. */
function numbered(
  count: number,
  channels: number,
  height: number,
  width: number,
  dtype: "float32" | "uint8" = "float32",
): NdArray {
  const plane = height * width;
  const values = Array.from(
    { length: count * channels * plane },
    (_, i) => 1 + (i % plane) + 100 * (Math.floor(i / plane) % channels),
  );
  return array(values, { dtype }).reshape(count, channels, height, width);
}

type Image = number[][][];

/** The place that each image was cut from, if there is one that explains every pixel. */
function places(cut: Image[], whole: Image[], pad: number): (string | undefined)[] {
  return cut.map((image, n) => {
    const [high, wide] = [image[0]?.length ?? 0, image[0]?.[0]?.length ?? 0];
    const [height, width] = [whole[n]?.[0]?.length ?? 0, whole[n]?.[0]?.[0]?.length ?? 0];
    for (let top = -pad; top + high <= height + pad; top++) {
      for (let left = -pad; left + wide <= width + pad; left++) {
        const same = image.every((plane, c) =>
          plane.every((row, i) => row.every((value, j) => value === (whole[n]?.[c]?.[top + i]?.[left + j] ?? 0))),
        );
        if (same) return `${top},${left}`;
      }
    }
    return undefined;
  });
}

describe("randomCrop", () => {
  test.each(["float32", "uint8"] as const)("cuts %s images anywhere, with zeros outside", (dtype) => {
    const images = numbered(200, 2, 3, 4, dtype);
    const cut = randomCrop([2, 3], { pad: 1 })(images);
    expect([cut.dtype, cut.shape]).toEqual([dtype, [200, 2, 2, 3]]);
    const found = places(cut.tolistSync() as Image[], images.tolistSync() as Image[], 1);
    expect(found).not.toContain(undefined);
    // 4 x 4 places, each with probability 1/16: none is missed by 200 images.
    expect(new Set(found).size).toBe(16);
  });

  test("takes one image, views, and the whole", () => {
    const image = numbered(1, 2, 3, 4).get(0);
    expect(randomCrop([3, 4])(image).tolistSync()).toEqual(image.tolistSync());
    const view = numbered(2, 4, 3, 2).transpose(0, 2, 3, 1);
    expect(randomCrop([2, 4])(view).tolistSync()).toEqual(view.tolistSync());
  });

  test("refuses what does not fit", () => {
    expect(() => randomCrop(0)).toThrow(ValueError);
    expect(() => randomCrop(2, { pad: -1 })).toThrow(ValueError);
    expect(() => randomCrop(6, { pad: 1 })(numbered(1, 1, 5, 3))).toThrow("out of 5 x 3 with a padding of 1");
    expect(() => randomCrop(2)(arange(4).reshape(2, 2))).toThrow("got (2, 2)");
  });
});

describe("randomFlip", () => {
  const images = numbered(64, 2, 2, 3);
  const whole = images.tolistSync() as Image[];
  const flipped = (image: Image, x: boolean, y: boolean): Image =>
    image.map((plane) => (y ? plane.toReversed() : plane).map((row) => (x ? row.toReversed() : row)));

  test.each([
    [{}, [true, false]],
    [{ horizontal: false, vertical: true }, [false, true]],
    [{ vertical: true }, [true, true]],
    [{ horizontal: false }, [false, false]],
  ] as const)("%j", (options, [x, y]) => {
    const result = randomFlip(options)(images).tolistSync() as Image[];
    const kinds = result.map((image, n) => {
      const found = [[false, false], [true, false], [false, true], [true, true]].findIndex(
        ([dx = false, dy = false]) => JSON.stringify(image) === JSON.stringify(flipped(whole[n] as Image, dx, dy)),
      ); // prettier-ignore
      return found;
    });
    const expected = [0, x ? 1 : -1, y ? 2 : -1, x && y ? 3 : -1].filter((kind) => kind >= 0);
    expect(new Set(kinds)).toEqual(new Set(expected));
    // With probability 0.5: all within five standard deviations of half of the images.
    if (x !== y) expect(Math.abs(kinds.filter((kind) => kind > 0).length - 32)).toBeLessThan(20);
  });
});

describe("normalize", () => {
  test("makes float32 of bytes, channel by channel", () => {
    const images = numbered(2, 2, 1, 3, "uint8");
    const result = normalize([1, 100], [2, 4])(images);
    expect([result.dtype, result.tolistSync()]).toEqual([
      "float32",
      [
        [[[0, 0.5, 1]], [[0.25, 0.5, 0.75]]],
        [[[0, 0.5, 1]], [[0.25, 0.5, 0.75]]],
      ],
    ]);
    expect(normalize([0, 0], [1, 1])(images.astype("float64")).dtype).toBe("float64");
  });

  test("refuses other numbers of channels, and deviations that are not positive", () => {
    expect(() => normalize([0], [1])(numbered(1, 2, 1, 1))).toThrow(InvalidType);
    expect(() => normalize([0], [0])).toThrow(ValueError);
    expect(() => normalize([0, 1], [1])).toThrow(ValueError);
  });
});

describe("in data sets", () => {
  const augment = compose(randomCrop(3, { pad: 1 }), randomFlip(), normalize([10, 20], [2, 2]));
  const source = new TupleDataset(numbered(8, 2, 3, 3), Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7));

  test("the same seed gives the same minibatches, which differ from each other", () => {
    const train = new TransformBatchDataset(source, ([x, t]) => [augment(x as NdArray), t as NdArray] as const);
    const run = (seed: number): unknown[] => {
      random.seed(seed);
      const iterator = new SerialIterator(train, 4, { shuffle: false });
      return [0, 1, 2, 3].map(() => train.gather(iterator.nextIndices())[0].tolistSync());
    };
    const first = run(3);
    expect(run(3)).toEqual(first);
    expect(run(4)).not.toEqual(first);
    expect(first[2]).not.toEqual(first[0]);
  });

  test("examples are minibatches of one", () => {
    const train = new TransformBatchDataset(source, ([x, t]) => [augment(x as NdArray), t as NdArray] as const);
    random.seed(5);
    const [x, t] = train.getExample(6);
    random.seed(5);
    const [xs] = train.gather(Int32Array.of(6));
    expect([x.shape, t.shape, t.itemSync()]).toEqual([[2, 3, 3], [], 6]);
    expect(x.tolistSync()).toEqual(xs.get(0).tolistSync());
    const named = new TransformBatchDataset(source, ([, label]) => ({ label: label as NdArray }));
    expect(named.getExample(2).label.itemSync()).toBe(2);
    const single = new TransformBatchDataset(source, ([, label]) => label as NdArray);
    expect([single.getExample(3).itemSync(), single.length]).toEqual([3, 8]);
  });

  test("single examples are transformed, too", () => {
    const train = new TransformDataset(source, ([x, t]) => [augment(x), t] as const);
    expect(train.getExample(1)[0].shape).toEqual([2, 3, 3]);
  });

  test("a data set of single examples is refused", () => {
    const texts = new TupleDataset(["a", "b"]);
    expect(() => new TransformBatchDataset(texts, (batch) => batch)).toThrow("TransformDataset");
  });
});
