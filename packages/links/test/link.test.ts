import { array, memoryInfo, random, scope, ValueError, zeros, type NdArray } from "@chain/array";
import { Parameter, Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { Chain, ChainList, initializers, Linear, Link, Sequential } from "../src/index.js";
import { fromNpz, NpzFile, SerializationError, toNpz } from "../src/serializers/index.js";

class Branch extends Chain {
  readonly z = new Linear(2, 3);
  readonly a = new Linear(3, 1, { nobias: true });
}

class Tree extends Chain {
  readonly scale = new Parameter(array([2]), { name: "scale" });
  readonly branch = new Branch();
  readonly layers = [new Linear(1, 1, { nobias: true }), new Linear(1, 2, { nobias: true })];
  readonly list = new ChainList(new Linear(1, 1, { nobias: true }));
  readonly nothing: Linear | null = null;
  readonly notALink = { W: new Parameter(1, { shape: 1 }) };
  mean = zeros([2]);
  count = 3;

  constructor() {
    super();
    this.registerPersistent("mean");
    this.registerPersistent("count");
  }
}

const treePaths = ["/scale", "/branch/a/W", "/branch/z/W", "/branch/z/b", "/layers/0/W", "/layers/1/W", "/list/0/W"];

function values(link: Link): Record<string, number[]> {
  return Object.fromEntries(link.namedParams().map(([path, param]) => [path, Array.from(param.dataSync())]));
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe("what a link finds in its fields", () => {
  test("parameters: own ones first, then children's, sorted by name", () => {
    const tree = new Tree();
    expect(tree.namedParams().map(([path]) => path)).toEqual(treePaths);
    expect(tree.params()).toEqual(tree.namedParams().map(([, param]) => param));
  });

  test("links and their paths", () => {
    const tree = new Tree();
    const paths = ["/", "/branch", "/branch/a", "/branch/z", "/layers/0", "/layers/1", "/list", "/list/0"];
    expect(tree.namedLinks().map(([path]) => path)).toEqual(paths);
    expect(tree.namedLinks({ skipself: true }).map(([path]) => path)).toEqual(paths.slice(1));
    expect(tree.links()).toHaveLength(8);
    expect(tree.links({ skipself: true })[0]).toBe(tree.branch);
    expect(tree.children()).toEqual([tree.branch, tree.layers[0], tree.layers[1], tree.list]);
  });

  test("a field assigned later is found, one assigned over is not", () => {
    class Later extends Chain {
      first: Linear | null = null;
    }
    const link = new Later();
    expect(link.params()).toEqual([]);
    link.first = new Linear(1, 1);
    expect(link.namedParams().map(([path]) => path)).toEqual(["/first/W", "/first/b"]);
    link.first = null;
    expect(link.params()).toEqual([]);
  });

  test("shared links and parameters, once", () => {
    class Tied extends Chain {
      readonly b = new Linear(2, 2);
      readonly a = this.b;
      readonly c = new Link({ W: this.b.W });
    }
    const tied = new Tied();
    expect(tied.namedParams().map(([path]) => path)).toEqual(["/a/W", "/a/b"]);
    expect(tied.namedLinks().map(([path]) => path)).toEqual(["/", "/a", "/c"]);
    expect(tied.children()).toHaveLength(3);
  });

  test("a child that knows its parent", () => {
    class Child extends Chain {
      readonly own = new Linear(1, 1);
      parentLink: Link | null = null;
    }
    class Parent extends Chain {
      readonly child = new Child();
    }
    const parent = new Parent();
    parent.child.parentLink = parent;
    expect(parent.namedParams().map(([path]) => path)).toEqual(["/child/own/W", "/child/own/b"]);
  });

  test("names", () => {
    const tree = new Tree();
    tree.params();
    expect([tree.name, tree.branch.name, tree.branch.z.name, tree.layers[1]?.name]).toEqual([null, "branch", "z", "1"]);
    expect(tree.branch.z.W.name).toBe("W");
  });

  test("parameters without an array can be left out", () => {
    const lazy = new Linear(null, 2);
    expect(lazy.namedParams().map(([path]) => path)).toEqual(["/W", "/b"]);
    expect(lazy.namedParams({ includeUninit: false }).map(([path]) => path)).toEqual(["/b"]);
    expect(lazy.params({ includeUninit: false })).toEqual([lazy.b]);
  });

  test("links and parameters by name", () => {
    const chain = new Chain({ l1: new Linear(1, 2), l2: new Linear(2, 3) });
    chain.addLink("l0", new Linear(1, 1));
    const added = chain.addParam("extra", { shape: [2], initializer: 3 });
    expect(chain.namedParams().map(([path]) => path)).toEqual([
      "/extra",
      "/l0/W",
      "/l0/b",
      "/l1/W",
      "/l1/b",
      "/l2/W",
      "/l2/b",
    ]);
    expect(added.dataSync()).toEqual(Float32Array.of(3, 3));
    expect(() => chain.addLink("l0", new Linear(1, 1))).toThrow(ValueError);
    expect(() => chain.addParam("params")).toThrow(ValueError);
    expect(() => chain.addPersistent("l0", 1)).toThrow(ValueError);
  });
});

describe("parameters as a whole", () => {
  test("cleargrads, zerograds, addgrads", () => {
    const [a, b] = [new Branch(), new Branch()];
    for (const param of a.params()) param.grad = param.array.copy();
    for (const param of b.params()) param.grad = param.array.copy();
    const expected = a.params().map((p, i) => (p.dataSync()[0] as number) + (b.params()[i]?.dataSync()[0] as number));
    a.addgrads(b);
    a.params().forEach((param, i) => expect(param.grad?.dataSync()[0]).toBeCloseTo(expected[i] as number, 6));
    a.zerograds();
    for (const param of a.params()) expect(new Set(param.grad?.dataSync())).toEqual(new Set([0]));
    a.cleargrads();
    for (const param of a.params()) expect(param.grad).toBeNull();
    expect(() => a.addgrads(new Linear(1, 1))).toThrow(/has no \/a\/W/);
  });

  test("countParams counts elements, and warns of parameters that are not initialized", () => {
    const warn = jest.spyOn(console, "warn").mockImplementation(() => undefined);
    expect(new Branch().countParams()).toBe(3 + 6 + 3);
    expect(warn).not.toHaveBeenCalled();
    expect(new Linear(null, 2).countParams()).toBe(2);
    expect(warn.mock.calls[0]?.[0]).toMatch(/\/W/);
  });

  test("enableUpdate and disableUpdate", () => {
    const branch = new Branch();
    expect(branch.updateEnabled).toBe(false);
    const rule = { enabled: true, hyperparam: {}, update: () => undefined };
    branch.a.W.updateRule = rule;
    expect(branch.updateEnabled).toBe(true);
    branch.disableUpdate();
    expect(rule.enabled).toBe(false);
    expect(branch.updateEnabled).toBe(false);
    branch.enableUpdate();
    expect(rule.enabled).toBe(true);
  });

  test("copyparams copies elements, persistent values too unless told not to", () => {
    const [a, b] = [new Tree(), new Tree()];
    b.mean = array([5, 6]);
    b.count = 9;
    const { mean } = a;
    a.copyparams(b, { copyPersistent: false });
    expect(values(a)).toEqual(values(b));
    expect(a.branch.z.W.array).not.toBe(b.branch.z.W.array);
    expect([a.count, ...mean.dataSync()]).toEqual([3, 0, 0]);
    a.copyparams(b);
    expect(a.mean).toBe(mean);
    expect([a.count, ...mean.dataSync()]).toEqual([9, 5, 6]);
    expect(() => a.copyparams(new Branch())).toThrow(ValueError);
  });

  test("copyparams into and from parameters without an array", () => {
    const [full, lazy, other] = [new Linear(3, 2), new Linear(null, 2), new Linear(null, 2)];
    lazy.copyparams(full);
    expect(values(lazy)).toEqual(values(full));
    full.copyparams(other); // gives `other` an array first, as Chainer does
    expect(other.W.shape).toEqual([2, 3]);
    expect(values(full)).toEqual(values(other));
  });
});

describe("copy", () => {
  test("share: parameters of their own on the same arrays", () => {
    const tree = new Tree();
    tree.scale.grad = array([1]);
    const twin = tree.copy();
    expect(twin).toBeInstanceOf(Tree);
    expect(twin.namedParams().map(([path]) => path)).toEqual(treePaths);
    expect(twin.scale).not.toBe(tree.scale);
    expect(twin.scale.array).toBe(tree.scale.array);
    expect(twin.scale.grad).toBeNull();
    expect(twin.branch).not.toBe(tree.branch);
    expect(twin.branch.z.W.array).toBe(tree.branch.z.W.array);
    expect(twin.layers[1]?.W.array).toBe(tree.layers[1]?.W.array);
    expect(twin.mean).toBe(tree.mean);
    expect(twin.persistents()).toEqual(["count", "mean"]);
    expect(twin.name).toBeNull();
  });

  test("copy: everything of its own", () => {
    const tree = new Tree();
    const twin = tree.copy("copy");
    expect(values(twin)).toEqual(values(tree));
    expect(twin.scale.array).not.toBe(tree.scale.array);
    expect(twin.list.at(0)).not.toBe(tree.list.at(0));
    expect(twin.mean).not.toBe(tree.mean);
    expect(twin.mean.dataSync()).toEqual(tree.mean.dataSync());
  });

  test("init: initialized anew", () => {
    random.seed(1);
    const branch = new Branch();
    const twin = branch.copy("init");
    expect(twin.z.W.dataSync()).not.toEqual(branch.z.W.dataSync());
    expect(twin.z.W.shape).toEqual(branch.z.W.shape);
    expect(twin.z.b?.dataSync()).toEqual(Float32Array.of(0, 0, 0));
  });

  test("parameters without an array stay without one", () => {
    const lazy = new Linear(null, 2);
    for (const mode of ["share", "copy", "init"] as const) {
      const twin = lazy.copy(mode);
      expect(twin.W.isInitialized).toBe(false);
      twin.forward(array([[1, 2, 3]]));
      expect(twin.W.shape).toEqual([2, 3]);
    }
    expect(lazy.W.isInitialized).toBe(false);
  });

  test("what is shared in the original is shared in the copy", () => {
    class Tied extends Chain {
      readonly a = new Linear(2, 2);
      readonly b = this.a;
      readonly weights = [this.a.W];
    }
    const twin = new Tied().copy("copy");
    expect(twin.b).toBe(twin.a);
    expect(twin.weights[0]).toBe(twin.a.W);
  });

  test("repeat", () => {
    const linear = new Linear(2, 2);
    const three = linear.repeat(3);
    expect(three).toBeInstanceOf(Sequential);
    expect(three.length).toBe(3);
    expect(three.namedParams().map(([path]) => path)).toEqual(["/0/W", "/0/b", "/1/W", "/1/b", "/2/W", "/2/b"]);
    const first = three.at(0) as Linear;
    expect(first.W.dataSync()).not.toEqual(linear.W.dataSync());
    expect((linear.repeat(2, { mode: "copy" }).at(1) as Linear).W.dataSync()).toEqual(linear.W.dataSync());
    expect((linear.repeat(2, { mode: "share" }).at(1) as Linear).W.array).toBe(linear.W.array);
    expect(linear.repeat(0)).toHaveLength(0);
    expect(() => linear.repeat(1.5)).toThrow(ValueError);
  });
});

describe("devices", () => {
  test("toDevice moves parameters, gradients and persistent values, and where parameters will be made", () => {
    const tree = new Tree();
    tree.scale.grad = array([4]);
    expect(tree.toDevice("js")).toBe(tree);
    for (const param of tree.params()) expect(param.device).toBe("js");
    expect(tree.scale.grad?.device).toBe("js");
    expect(tree.mean.device).toBe("js");
    expect(tree.device).toBe("js");
    const lazy = new Linear(null, 2).toDevice("js");
    lazy.forward(array([[1, 2]], { device: "js" }));
    expect(lazy.W.device).toBe("js");
  });

  test("toDeviceAsync", async () => {
    const tree = new Tree();
    const before = values(tree);
    await tree.toDeviceAsync("js");
    for (const param of tree.params()) expect(param.device).toBe("js");
    expect(tree.mean.device).toBe("js");
    expect(values(tree)).toEqual(before);
  });
});

describe("serialization", () => {
  test("keys are Chainer's, persistent values beside parameters", async () => {
    const npz = new NpzFile(await toNpz(new Tree()));
    const keys = [...treePaths.map((path) => path.slice(1)), "mean", "count"];
    expect(npz.keys().sort()).toEqual(keys.sort());
  });

  test("a round trip, into a model that has no arrays yet too", async () => {
    class Lazy extends Chain {
      readonly l1 = new Linear(null, 3);
      readonly l2 = new Linear(null, 2);
    }
    const saved = new Lazy();
    saved.l2.forward(saved.l1.forward(array([[1, 2]])));
    const bytes = await toNpz(saved);
    const loaded = new Lazy();
    fromNpz(bytes, loaded);
    expect(values(loaded)).toEqual(values(saved));
    const empty = new Lazy();
    fromNpz(await toNpz(new Lazy()), empty); // saved before it had arrays: None
    expect(empty.l1.W.isInitialized).toBe(false);
  });

  test("arrays are loaded into those that are there", async () => {
    const [a, b] = [new Tree(), new Tree()];
    a.mean = array([1, 2]);
    a.count = 8;
    const { mean } = b;
    const W = b.branch.z.W.array;
    fromNpz(await toNpz(a), b);
    expect(b.mean).toBe(mean);
    expect(b.branch.z.W.array).toBe(W);
    expect([b.count, ...mean.dataSync()]).toEqual([8, 1, 2]);
    expect(values(b)).toEqual(values(a));
  });

  test("a model of another size is refused, and nothing has changed", async () => {
    class Other extends Tree {
      override readonly list = new ChainList(new Linear(5, 1, { nobias: true }));
    }
    const bytes = await toNpz(new Other());
    const tree = new Tree();
    const before = values(tree);
    expect(() => fromNpz(bytes, tree)).toThrow(SerializationError);
    expect(() => fromNpz(bytes, tree)).toThrow(/"list\/0\/W": the stored array has shape \(1, 5\)/);
    expect(values(tree)).toEqual(before);
  });
});

describe("memory", () => {
  test("parameters that get their array inside a scope outlive it", () => {
    const lazy = new Linear(null, 2);
    const sum = scope(() => F.sum(lazy.forward(array([[1, 2, 3]]))));
    expect(sum.array.itemSync()).toBeCloseTo(
      Array.from(lazy.W.dataSync()).reduce((total, w, i) => total + w * ((i % 3) + 1), 0),
      5,
    );
  });

  test("a link hands over its arrays as a holder", () => {
    class Stateful extends Chain {
      readonly l = new Linear(1, 1);
      h: Variable | null = null;
      buffers: NdArray[] = [];
    }
    const link = new Stateful();
    const before = memoryInfo()["cpu"]?.arrays ?? 0;
    scope(() => {
      link.h = new Variable(array([1, 2]));
      link.buffers.push(array([3]));
      array([4]);
      return link;
    });
    expect(link.h?.dataSync()).toEqual(Float32Array.of(1, 2));
    expect(link.buffers[0]?.dataSync()).toEqual(Float32Array.of(3));
    expect(memoryInfo()["cpu"]?.arrays).toBe(before + 2);
    expect(link.heldVariables()).toEqual([link.h]);
  });
});

test("a link without forward says so", () => {
  class Nothing extends Link {}
  expect(() => new Nothing().forward()).toThrow(/Nothing has no forward\(\)/);
});

test("persistents have to be fields", () => {
  expect(() => new Link().registerPersistent("missing")).toThrow(ValueError);
  const link = new Link();
  link.addPersistent("running", array([1]));
  expect(link.persistents()).toEqual(["running"]);
});

test("initializers decide on the first values", () => {
  const linear = new Linear(2, 2, {
    initialW: array([
      [1, 2],
      [3, 4],
    ]),
    initialBias: new initializers.One(),
  });
  expect(linear.W.array.tolistSync()).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(linear.b?.dataSync()).toEqual(Float32Array.of(1, 1));
});
