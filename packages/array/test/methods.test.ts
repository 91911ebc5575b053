import { expect, test } from "@jest/globals";
import * as nx from "../src/index.js";

const x = nx.arange(6).reshape(2, 3);

const methods: Record<string, [() => unknown, unknown]> = {
  T: [() => x.T.shape, [3, 2]],
  astype: [() => x.astype("uint8").dtype, "uint8"],
  compress: [() => x.compress([false, true], { axis: 0 }).tolistSync(), [[3, 4, 5]]],
  copy: [() => x.copy().storage === x.storage, false],
  diagonal: [() => x.diagonal(1).tolistSync(), [1, 5]],
  fill: [() => nx.zeros(2).fill(3).tolistSync(), [3, 3]],
  flatten: [() => x.flatten({ order: "F" }).tolistSync(), [0, 3, 1, 4, 2, 5]],
  get: [() => x.get(1, nx.slice(null, null, -1)).tolistSync(), [5, 4, 3]],
  nonzero: [() => x.nonzero().map((at) => at.size), [5, 5]],
  ravel: [() => x.ravel().shape, [6]],
  repeat: [() => x.repeat(2, { axis: 0 }).shape, [4, 3]],
  "reshape of a list": [
    () => x.reshape([3, 2], { order: "F" }).tolistSync(),
    [
      [0, 4],
      [3, 2],
      [1, 5],
    ],
  ],
  "reshape of numbers": [() => x.reshape(3, -1).shape, [3, 2]],
  "reshape to no axes": [() => nx.ones(1).reshape().shape, []],
  set: [
    () => nx.zeros([2, 2]).set([0, 1], 5).tolistSync(),
    [
      [0, 5],
      [0, 0],
    ],
  ],
  squeeze: [() => nx.zeros([1, 2, 1]).squeeze(0).shape, [2, 1]],
  swapaxes: [() => x.swapaxes(0, 1).shape, [3, 2]],
  take: [() => x.take([5, 0]).tolistSync(), [5, 0]],
  toDevice: [() => x.toDevice("js").device, "js"],
  "as text": [() => String(nx.arange(2)), "[0 1]"],
  "transpose without axes": [() => x.transpose().shape, [3, 2]],
  "transpose of a list": [() => x.transpose([0, 1]).shape, [2, 3]],
  "transpose of numbers": [() => x.transpose(1, 0).shape, [3, 2]],
};

test.each(Object.keys(methods))("%s", (name) => {
  const [run, expected] = methods[name] as [() => unknown, unknown];
  expect(run()).toEqual(expected);
});

test("methods belong to the class, and are not seen when keys are listed", () => {
  expect(nx.zeros(1)).toBeInstanceOf(nx.NdArray);
  const keys: string[] = [];
  for (const key in x) keys.push(key);
  expect(keys).not.toContain("reshape");
});
