import { describe, expect, test } from "@jest/globals";
import { fc } from "../../../../testing/property.js";
import * as nx from "../../src/index.js";
import { allPositions, flatPosition } from "../indexing/oracle.js";
import { laidOut, layouts, shapes } from "../indexing/arbitraries.js";

const x = nx.arange(24).reshape(2, 3, 4);

describe("views", () => {
  const views: Record<string, () => nx.NdArray | nx.NdArray[]> = {
    transpose: () => nx.transpose(x),
    T: () => x.T,
    swapaxes: () => nx.swapaxes(x, 0, 1),
    moveaxis: () => nx.moveaxis(x, 0, 2),
    rollaxis: () => nx.rollaxis(x, 2),
    expandDims: () => nx.expandDims(x, [0, 2]),
    squeeze: () => nx.squeeze(nx.expandDims(x, 0)),
    broadcastTo: () => nx.broadcastTo(x, [2, 2, 3, 4]),
    broadcastArrays: () => nx.broadcastArrays(x, x),
    flip: () => nx.flip(x),
    rot90: () => nx.rot90(x),
    diagonal: () => nx.diagonal(x),
    split: () => nx.split(x, 2),
    hsplit: () => nx.hsplit(x, 3),
    atleast3d: () => nx.atleast3d(x),
    asStrided: () => nx.asStrided(x, [2, 2], [1, 1]),
    slices: () => x.get(nx.ellipsis, nx.slice(null, null, -2)),
    asarray: () => nx.asarray(x),
    ascontiguousarray: () => nx.ascontiguousarray(x),
  };
  test.each(Object.keys(views))("%s shares memory", (name) => {
    const result = (views[name] as () => nx.NdArray | nx.NdArray[])();
    for (const view of Array.isArray(result) ? result : [result]) expect(view.storage).toBe(x.storage);
  });

  const copies: Record<string, () => nx.NdArray> = {
    copy: () => nx.copy(x),
    array: () => nx.array(x),
    astype: () => nx.astype(x, "int32"),
    roll: () => nx.roll(x, 0),
    tile: () => nx.tile(x, 1),
    repeat: () => nx.repeat(x, 1, 0),
    concatenate: () => nx.concatenate([x]),
    pad: () => nx.pad(x, 0, { mode: "edge" }),
    take: () => nx.take(x, [0, 1], 0),
    tril: () => nx.tril(x, 9),
    resize: () => nx.resize(x, [2, 3, 4]),
  };
  test.each(Object.keys(copies))("%s copies", (name) => {
    const before = nx.memoryInfo()[x.device]?.arrays;
    const result = (copies[name] as () => nx.NdArray)();
    expect(result.storage).not.toBe(x.storage);
    result.dispose();
    expect(nx.memoryInfo()[x.device]?.arrays).toBe(before);
  });
});

test("transposes of any order, any layout", () => {
  const cases = shapes(0, 4, 3).chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      layouts(shape.length),
      fc.shuffledSubarray([...shape.keys()], { minLength: shape.length, maxLength: shape.length }),
    ),
  );
  fc.assert(
    fc.property(cases, ([shape, layout, axes]) => {
      const result = nx.transpose(laidOut(shape, layout), axes);
      const target = axes.map((axis) => shape[axis] as number);
      const expected = allPositions(target).map((position) => {
        const source = shape.map((_, axis) => position[axes.indexOf(axis)] as number);
        return flatPosition(source, shape) + 1;
      });
      expect(result.shape).toEqual(target);
      expect([...result.dataSync()]).toEqual(expected);
    }),
  );
});

test("broadcasting repeats along new axes and axes of length 1", () => {
  const cases = shapes(0, 3, 3).chain((shape) =>
    fc.tuple(
      fc.array(fc.tuple(fc.nat(3), fc.boolean()), {
        minLength: shape.length,
        maxLength: shape.length + 2,
      }),
      fc.constant(shape),
    ),
  );
  fc.assert(
    fc.property(cases, ([axes, lengths]) => {
      const lead = axes.length - lengths.length;
      const target = axes.map(([n], i) => (i < lead ? n : (lengths[i - lead] as number)));
      const shape = lengths.map((n, i) => (axes[lead + i]?.[1] ? 1 : n));
      const own = nx.arange(1, 1 + shape.reduce((a, b) => a * b, 1)).reshape(shape);
      const expected = allPositions(target).map((position) => {
        const source = position.slice(lead).map((at, i) => (shape[i] === 1 ? 0 : at));
        return flatPosition(source, shape) + 1;
      });
      expect([...nx.broadcastTo(own, target).dataSync()]).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

test("concatenate undoes split, along every axis and in every layout", () => {
  const cases = shapes(1, 3, 4).chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      layouts(shape.length),
      fc.integer({ min: -shape.length, max: shape.length - 1 }),
      fc.array(fc.nat(5), { maxLength: 3 }).map((cuts) => cuts.sort((a, b) => a - b)),
    ),
  );
  fc.assert(
    fc.property(cases, ([shape, layout, axis, cuts]) => {
      const whole = laidOut(shape, layout);
      const parts = nx.split(whole, cuts, { axis });
      expect(parts).toHaveLength(cuts.length + 1);
      expect(nx.concatenate(parts, { axis }).tolistSync()).toEqual(whole.tolistSync());
    }),
  );
});

describe("bad arguments", () => {
  const cases: Record<string, () => unknown> = {
    "axes that are no permutation": () => nx.transpose(x, [0, 0, 1]),
    "too few axes": () => nx.transpose(x, [0, 1]),
    "an axis out of range": () => nx.swapaxes(x, 0, 3),
    "an axis that is not 1": () => nx.squeeze(x, 0),
    "a shape that does not broadcast": () => nx.broadcastTo(x, [2, 3, 5]),
    "a negative length": () => nx.zeros([-1]),
    "a fractional length": () => nx.ones([1.5]),
    "no arrays": () => nx.concatenate([]),
    "nothing to stack": () => nx.stack([]),
    "unequal parts": () => nx.split(x, 5),
    "no parts": () => nx.arraySplit(x, 0),
    "strides beyond the memory": () => nx.asStrided(x, [25], [1]),
    "strides before the memory": () => nx.asStrided(x, [2], [-1]),
    "missing strides": () => nx.asStrided(x, [2, 2], [1]),
    "an equal pair of axes": () => nx.diagonal(x, { axis1: 1, axis2: 1 }),
    "a shift that is not whole": () => nx.roll(x, 0.5),
    "widths for other axes": () =>
      nx.pad(x, [
        [1, 1],
        [1, 1],
      ]),
    "a fractional diagonal": () => nx.tril(x, 0.5),
    "ragged lists": () => nx.array([[1, 2], [3]]),
    "a step of 0": () => nx.arange(0, 3, 0),
    "numbers beyond int32": () => nx.arange(0, 2 ** 33, 2 ** 32),
    "ends of different signs": () => nx.geomspace(-1, 1, 3),
    "a matrix of 3 axes": () => nx.diag(x),
  };
  test.each(Object.keys(cases))("%s", (name) => {
    expect(cases[name]).toThrow(nx.ValueError);
  });

  test("lists instead of arrays", () => {
    expect(() => nx.concatenate([[1], [2]] as never)).toThrow(nx.InvalidType);
    expect(() => nx.stack([1, 2] as never)).toThrow(nx.InvalidType);
  });

  test("a message says what was expected and what came", () => {
    expect(() => nx.concatenate([nx.zeros([2, 3]), nx.zeros([2, 4])])).toThrow(
      "concatenate: shapes must agree on all axes but axis 0, got (2, 3) (2, 4)",
    );
    expect(() => nx.squeeze(x, 1)).toThrow("squeeze: axis 1 of shape (2, 3, 4) has length 3, not 1");
    expect(() => nx.asStrided(x, [25], [1])).toThrow(/reaches elements 0 to 24 of an array's memory of 24 elements/);
  });
});
