import { array, ones, ValueError, zeros, type NdArray } from "@chain/array";
import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import * as L from "../../src/index.js";
import { fromNpz, toNpz } from "../../src/serializers/index.js";

const image = (shape: readonly number[]): NdArray => {
  const size = shape.reduce((product, length) => product * length, 1);
  return array(Float32Array.from({ length: size }, (_, i) => ((i * 7) % 11) - 5)).reshape(shape);
};

type Runnable = Pick<L.Link, "namedParams"> & { forward(x: NdArray): Variable };

function shapes(link: Runnable): Record<string, readonly number[]> {
  return Object.fromEntries([...link.namedParams()].map(([path, param]) => [path, param.shape]));
}

describe("shapes of parameters, and results", () => {
  test.each<[string, () => Runnable, number[], Record<string, number[]>, number[]]>([
    ["Convolution1D", () => new L.Convolution1D(2, 3, 4), [1, 2, 6], { "/W": [3, 2, 4], "/b": [3] }, [1, 3, 3]],
    [
      "Convolution2D",
      () => new L.Convolution2D(4, 6, [3, 2], { groups: 2, pad: [1, 0], nobias: true }),
      [1, 4, 5, 5],
      { "/W": [6, 2, 3, 2] },
      [1, 6, 5, 4],
    ],
    [
      "Convolution2D, channels left out",
      () => new L.Convolution2D(6, 3, { stride: 2 }),
      [1, 4, 5, 5],
      { "/W": [6, 4, 3, 3], "/b": [6] },
      [1, 6, 2, 2],
    ],
    [
      "Convolution2D, coverAll",
      () => new L.Convolution2D(null, 1, 2, { stride: 2, coverAll: true }),
      [1, 1, 5, 5],
      { "/W": [1, 1, 2, 2], "/b": [1] },
      [1, 1, 3, 3],
    ],
    [
      "Convolution3D",
      () => new L.Convolution3D(null, 2, [1, 2, 3]),
      [1, 3, 3, 3, 3],
      { "/W": [2, 3, 1, 2, 3], "/b": [2] },
      [1, 2, 3, 2, 1],
    ],
    ["ConvolutionND", () => new L.ConvolutionND(1, 2, 3, [2]), [1, 2, 4], { "/W": [3, 2, 2], "/b": [3] }, [1, 3, 3]],
    [
      "DilatedConvolution2D",
      () => new L.DilatedConvolution2D(1, 2, 3, { dilate: 2 }),
      [1, 1, 6, 6],
      { "/W": [2, 1, 3, 3], "/b": [2] },
      [1, 2, 2, 2],
    ],
    ["Deconvolution1D", () => new L.Deconvolution1D(2, 3, 4), [1, 2, 3], { "/W": [2, 3, 4], "/b": [3] }, [1, 3, 6]],
    [
      "Deconvolution2D",
      () => new L.Deconvolution2D(null, 4, 3, { stride: 2, groups: 2, outsize: [6, 5] }),
      [1, 6, 2, 2],
      { "/W": [6, 2, 3, 3], "/b": [4] },
      [1, 4, 6, 5],
    ],
    [
      "Deconvolution3D",
      () => new L.Deconvolution3D(1, 1, 2),
      [1, 1, 1, 1, 1],
      { "/W": [1, 1, 2, 2, 2], "/b": [1] },
      [1, 1, 2, 2, 2],
    ],
    [
      "DepthwiseConvolution2D",
      () => new L.DepthwiseConvolution2D(null, 2, 3, { pad: 1 }),
      [1, 3, 4, 4],
      { "/W": [2, 3, 3, 3], "/b": [6] },
      [1, 6, 4, 4],
    ],
    [
      "LocalConvolution2D",
      () => new L.LocalConvolution2D(2, 3, 5, 3, { stride: 2 }),
      [1, 2, 5, 5],
      { "/W": [3, 2, 2, 2, 3, 3], "/b": [3, 2, 2] },
      [1, 3, 2, 2],
    ],
    [
      "LocalConvolution2D, sizes left out",
      () => new L.LocalConvolution2D(null, 3, null, 3),
      [1, 2, 5, 4],
      { "/W": [3, 3, 2, 2, 3, 3], "/b": [3, 3, 2] },
      [1, 3, 3, 2],
    ],
    [
      "DeformableConvolution2D",
      () => new L.DeformableConvolution2D(null, 3, 2, { pad: 1, offsetNobias: true }),
      [1, 2, 3, 3],
      { "/deform_conv/W": [3, 2, 2, 2], "/deform_conv/b": [3], "/offset_conv/W": [8, 2, 2, 2] },
      [1, 3, 4, 4],
    ],
  ])("%s", (_, make, input, params, result) => {
    const link = make();
    expect(link.forward(image(input)).shape).toEqual(result);
    expect(shapes(link)).toEqual(params);
  });
});

test("weights and bias start as they are told to, and are used", () => {
  const x = image([2, 2, 4, 4]);
  const W = image([3, 2, 3, 3]);
  const conv = new L.Convolution2D(2, 3, 3, { initialW: W, initialBias: 2, pad: 1 });
  const deconv = new L.Deconvolution2D(3, 2, 3, { initialW: W, initialBias: array([1, -1]), pad: 1 });
  const y = conv.forward(x);
  expect(y.array.tolistSync()).toEqual(F.convolution2d(x, W, ones([3]).mul(2), { pad: 1 }).array.tolistSync());
  expect(deconv.forward(y).array.tolistSync()).toEqual(
    F.deconvolution2d(y, W, array([1, -1]), { pad: 1 }).array.tolistSync(),
  );
});

test("parameters of unknown shape survive NPZ", async () => {
  const made = new L.Convolution2D(null, 3, 3);
  made.forward(image([1, 2, 4, 4]));
  const read = new L.Convolution2D(null, 3, 3);
  fromNpz(await toNpz(made), read);
  expect(read.W.array.tolistSync()).toEqual(made.W.array.tolistSync());
});

test("what is refused", () => {
  expect(() => new L.Convolution2D(3, 4, 3, { groups: 2 })).toThrow(/inChannels, 3, is no multiple of groups, 2/);
  expect(() => new L.Convolution2D(4, 3, 3, { groups: 2 })).toThrow(/outChannels, 3, is no multiple of groups, 2/);
  expect(() => new L.Convolution2D(4, 3, 0)).toThrow(ValueError);
  expect(() => new L.ConvolutionND(2, 4, 3, [1, 2, 3])).toThrow(
    /ksize is a whole number from 1 up, or 2 of them, got 1,2,3/,
  );
  expect(() => new L.Convolution2D(2, 3, 3).forward(zeros([1, 2, 2, 2]))).toThrow(/room for a window/);
});
