import { array, IndexError, InvalidType, ValueError } from "@chain/array";
import { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { ChainList, Linear, Sequential, type Layer, type Link } from "../src/index.js";

function double(x: Variable): Variable {
  return F.mul(x, 2);
}

function increment(x: Variable): Variable {
  return F.add(x, 1);
}

describe("ChainList", () => {
  const links = (): Linear[] => [new Linear(1, 1), new Linear(1, 2), new Linear(1, 3)];

  test("holds links in order and names them by position", () => {
    const [a, b, c] = links() as [Linear, Linear, Linear];
    const list = new ChainList(a, b);
    list.addLink(c);
    expect([...list]).toEqual([a, b, c]);
    expect(list.length).toBe(3);
    expect(list.at(1)).toBe(b);
    expect(list.at(-1)).toBe(c);
    expect(list.namedLinks().map(([path]) => path)).toEqual(["/", "/0", "/1", "/2"]);
    expect(list.children()).toEqual([a, b, c]);
  });

  test("order is that of positions, not of their names", () => {
    const list = new ChainList(...Array.from({ length: 11 }, () => new Linear(1, 1, { nobias: true })));
    expect(list.namedParams().map(([path]) => path)).toEqual(Array.from({ length: 11 }, (_, i) => `/${i}/W`));
  });

  test("insert, set, pop, remove, clear", () => {
    const [a, b, c] = links() as [Linear, Linear, Linear];
    const list = new ChainList(a, c);
    list.insert(1, b);
    expect([...list]).toEqual([a, b, c]);
    list.set(0, c);
    expect([...list]).toEqual([c, b, c]);
    expect(list.count(c)).toBe(2);
    expect(list.index(c, { start: 1 })).toBe(2);
    expect(list.pop(1)).toBe(b);
    list.remove(c);
    expect([...list]).toEqual([c]);
    list.clear();
    expect(list.length).toBe(0);
  });

  test("bad positions and items", () => {
    const list = new ChainList<Link>(...links());
    expect(() => list.at(3)).toThrow(IndexError);
    expect(() => list.at(-4)).toThrow(IndexError);
    expect(() => list.insert(4, new Linear(1, 1))).toThrow(IndexError);
    expect(() => list.pop(0.5)).toThrow(IndexError);
    expect(() => list.remove(new Linear(1, 1))).toThrow(ValueError);
    expect(() => list.append(double as unknown as Link)).toThrow(InvalidType);
    expect(() => new ChainList({} as Link)).toThrow(InvalidType);
  });
});

describe("Sequential", () => {
  test("runs layers one after the other", () => {
    const model = new Sequential(double, increment, double);
    expect(model.forward(new Variable(array([3]))).dataSync()).toEqual(Float32Array.of(14));
    expect(new Sequential().forward(array([3]))).toBeDefined();
  });

  test("a list that a layer returns becomes the next one's arguments", () => {
    const split = (x: Variable): Variable[] => [x, double(x)];
    const model = new Sequential(split, (a: Variable, b: Variable) => F.sub(b, a), split);
    const result = model.forward(new Variable(array([3]))) as unknown as Variable[];
    expect(result.map((y) => y.dataSync()[0])).toEqual([3, 6]);
  });

  test("only links count in names", () => {
    const model = new Sequential(
      double,
      new Linear(1, 1, { nobias: true }),
      F.relu,
      new Linear(1, 1, { nobias: true }),
    );
    expect(model.namedParams().map(([path]) => path)).toEqual(["/0/W", "/1/W"]);
    model.insert(1, new Linear(1, 1, { nobias: true }));
    expect(model.params()).toHaveLength(3);
  });

  test("append, extend, insert, pop, remove, index, count, at, set, slice", () => {
    const linear = new Linear(1, 1);
    const model = new Sequential(double);
    model.append(linear);
    model.extend(new Sequential(increment, double));
    expect([...model]).toEqual([double, linear, increment, double]);
    expect(model.index(double, { start: 1 })).toBe(3);
    expect(model.count(double)).toBe(2);
    model.insert(-1, increment);
    expect([...model]).toEqual([double, linear, increment, increment, double]);
    model.remove(double);
    expect(model.at(0)).toBe(linear);
    expect(model.pop()).toBe(double);
    model.set(-1, double);
    expect(Array.from(model.slice(1))).toEqual([increment, double]);
    expect(() => model.append("relu" as unknown as Layer)).toThrow(InvalidType);
  });

  test("by layer type", () => {
    const model = new Sequential(new Linear(1, 1), F.relu, new Linear(1, 1), double);
    expect(model.countByLayerType("Linear")).toBe(2);
    expect(model.countByLayerType("relu")).toBe(1);
    expect(model.countByLayerType("double")).toBe(1);
    model.removeByLayerType("Linear");
    expect([...model]).toEqual([F.relu, double]);
  });

  test("flatten", () => {
    const [a, b] = [new Linear(1, 1), new Linear(1, 1)];
    const model = new Sequential(double, new Sequential(a, new Sequential(increment, b)), double);
    expect([...model.flatten()]).toEqual([double, a, increment, b, double]);
    expect(model.length).toBe(3);
  });

  test("copy", () => {
    const linear = new Linear(1, 1);
    const model = new Sequential(linear, double);
    const shared = model.copy();
    expect((shared.at(0) as Linear).W).not.toBe(linear.W);
    expect((shared.at(0) as Linear).W.array).toBe(linear.W.array);
    expect(shared.at(1)).toBe(double);
    shared.append(increment);
    expect(model.length).toBe(2);
    expect((model.copy("copy").at(0) as Linear).W.array).not.toBe(linear.W.array);
  });

  test("repeat and flatten", () => {
    const model = new Sequential(new Linear(2, 2), F.relu).repeat(3).flatten();
    expect(model.length).toBe(6);
    expect(model.params()).toHaveLength(6);
    expect(model.forward(array([[1, 2]])).shape).toEqual([1, 2]);
  });
});
