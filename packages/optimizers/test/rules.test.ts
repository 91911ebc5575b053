/** Update rules against their formulas, computed in float64. */
import { array, openDevice, type DType, type NdArray } from "@chain/array";
import { Parameter } from "@chain/autograd";
import { Link } from "@chain/links";
import { describe, expect, test } from "@jest/globals";
import { gpuDevices } from "../../../testing/gpu-devices.js";
import * as O from "../src/index.js";

const devices = ["cpu", ...(await gpuDevices(openDevice))];

/** One element's parameter and state. */
type Scalars = Record<string, number>;
type Step = (s: Scalars, g: number, t: number) => void;

const start = [1.5, -0.3, 0, 2, -7];
const gradients = Array.from({ length: 8 }, (_, t) => start.map((_x, i) => Math.sin(1 + 3 * t + 7 * i) * (i + 1)));

/** Each optimizer with settings that are not the defaults, and its formula as its paper (or Chainer) has it. */
const cases: [name: string, make: () => O.GradientMethod, step: Step][] = [
  ["SGD", () => new O.SGD({ lr: 0.3 }), (s, g) => (s["p"] = n(s, "p") - 0.3 * g)],
  [
    "MomentumSGD",
    () => new O.MomentumSGD({ lr: 0.2, momentum: 0.7 }),
    (s, g) => {
      s["v"] = 0.7 * n(s, "v") - 0.2 * g;
      s["p"] = n(s, "p") + n(s, "v");
    },
  ],
  [
    "CorrectedMomentumSGD",
    () => new O.CorrectedMomentumSGD({ lr: 0.2, momentum: 0.7 }),
    (s, g) => {
      s["v"] = 0.7 * n(s, "v") - g;
      s["p"] = n(s, "p") + 0.2 * n(s, "v");
    },
  ],
  [
    "NesterovAG",
    () => new O.NesterovAG({ lr: 0.2, momentum: 0.7 }),
    (s, g) => {
      s["v"] = 0.7 * n(s, "v") - 0.2 * g;
      s["p"] = n(s, "p") + 0.49 * n(s, "v") - 1.7 * 0.2 * g;
    },
  ],
  [
    "AdaGrad",
    () => new O.AdaGrad({ lr: 0.2, eps: 0.01 }),
    (s, g) => {
      s["h"] = n(s, "h") + g * g;
      s["p"] = n(s, "p") - (0.2 * g) / (Math.sqrt(n(s, "h")) + 0.01);
    },
  ],
  [
    "AdaDelta",
    () => new O.AdaDelta({ rho: 0.8, eps: 0.01 }),
    (s, g) => {
      s["msg"] = 0.8 * n(s, "msg") + 0.2 * g * g;
      const dx = Math.sqrt((n(s, "msdx") + 0.01) / (n(s, "msg") + 0.01)) * g;
      s["msdx"] = 0.8 * n(s, "msdx") + 0.2 * dx * dx;
      s["p"] = n(s, "p") - dx;
    },
  ],
  [
    "RMSprop",
    () => new O.RMSprop({ lr: 0.1, alpha: 0.8, eps: 0.01 }),
    (s, g) => {
      s["ms"] = 0.8 * n(s, "ms") + 0.2 * g * g;
      s["p"] = n(s, "p") - (0.1 * g) / (Math.sqrt(n(s, "ms")) + 0.01);
    },
  ],
  [
    "RMSprop, eps inside the root",
    () => new O.RMSprop({ lr: 0.1, alpha: 0.8, eps: 0.01, epsInsideSqrt: true }),
    (s, g) => {
      s["ms"] = 0.8 * n(s, "ms") + 0.2 * g * g;
      s["p"] = n(s, "p") - (0.1 * g) / Math.sqrt(n(s, "ms") + 0.01);
    },
  ],
  [
    "Adam with everything changed",
    () => new O.Adam({ alpha: 0.1, beta1: 0.8, beta2: 0.9, eps: 0.01, eta: 0.5, weightDecayRate: 0.2 }),
    (s, g, t) => {
      s["m"] = 0.8 * n(s, "m") + 0.2 * g;
      s["v"] = 0.9 * n(s, "v") + 0.1 * g * g;
      const alphaT = (0.1 * Math.sqrt(1 - 0.9 ** t)) / (1 - 0.8 ** t);
      s["p"] = n(s, "p") - 0.5 * ((alphaT * n(s, "m")) / (Math.sqrt(n(s, "v")) + 0.01) + 0.2 * n(s, "p"));
    },
  ],
  [
    "AMSGrad",
    () => new O.AMSGrad({ alpha: 0.1, beta2: 0.5 }),
    (s, g, t) => {
      s["m"] = 0.9 * n(s, "m") + 0.1 * g;
      s["v"] = 0.5 * n(s, "v") + 0.5 * g * g;
      s["vhat"] = Math.max(n(s, "vhat"), n(s, "v"));
      const alphaT = (0.1 * Math.sqrt(1 - 0.5 ** t)) / (1 - 0.9 ** t);
      s["p"] = n(s, "p") - (alphaT * n(s, "m")) / (Math.sqrt(n(s, "vhat")) + 1e-8);
    },
  ],
  [
    "AdaBound",
    () => new O.AdaBound({ alpha: 0.1, finalLr: 0.3, gamma: 0.5 }),
    (s, g, t) => {
      s["m"] = 0.9 * n(s, "m") + 0.1 * g;
      s["v"] = 0.999 * n(s, "v") + 0.001 * g * g;
      const alphaT = (0.1 * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);
      const lower = 0.3 * (1 - 1 / (0.5 * t + 1));
      const upper = 0.3 * (1 + 1 / (0.5 * t));
      const rate = Math.min(upper, Math.max(lower, alphaT / (Math.sqrt(n(s, "v")) + 1e-8)));
      s["p"] = n(s, "p") - rate * n(s, "m");
    },
  ],
];

function n(s: Scalars, name: string): number {
  return s[name] ?? 0;
}

async function run(
  optimizer: O.GradientMethod,
  { dtype, device = "cpu" }: { dtype: DType; device?: string },
  made: (values: number[]) => NdArray,
): Promise<number[]> {
  const param = new Parameter(array(start, { dtype, device }));
  optimizer.setup(new Link({ param }));
  for (const g of gradients) {
    param.grad = made(g);
    optimizer.update();
  }
  return Array.from(await param.array.data());
}

function reference(step: Step): number[] {
  return start.map((p, i) => {
    const s: Scalars = { p };
    gradients.forEach((g, t) => step(s, g[i] as number, t + 1));
    return n(s, "p");
  });
}

const places = devices.flatMap((device) =>
  (
    [
      ["float64", 1e-9],
      ["float32", 2e-5],
      ["float16", 2e-2],
    ] as const
  )
    .filter(([dtype]) => device === "cpu" || dtype !== "float64")
    .map(([dtype, tolerance]) => [dtype, device, tolerance] as const),
);

describe.each(cases)("%s", (_, make, step) => {
  test.each(places)("%s on %s", async (dtype, device, tolerance) => {
    const expected = reference(step);
    const actual = await run(make(), { dtype, device }, (g) => array(g, { dtype, device }));
    actual.forEach((p, i) => {
      expect(Math.abs(p - (expected[i] as number))).toBeLessThanOrEqual(
        tolerance * (1 + Math.abs(expected[i] as number)),
      );
    });
  });

  test("gradients that are views", async () => {
    const strided = (g: number[]): NdArray => array(g.map((v) => [v, 99])).T.get(0);
    const dtype = "float32";
    expect(await run(make(), { dtype }, strided)).toEqual(await run(make(), { dtype }, (g) => array(g)));
  });
});

describe("hyperparameters", () => {
  test("defaults are Chainer's", () => {
    expect(new O.SGD().hyperparam.getDict()).toEqual({ lr: 0.01 });
    expect(new O.MomentumSGD().hyperparam.getDict()).toEqual({ lr: 0.01, momentum: 0.9 });
    expect(new O.AdaGrad().hyperparam.getDict()).toEqual({ lr: 0.001, eps: 1e-8 });
    expect(new O.AdaDelta().hyperparam.getDict()).toEqual({ rho: 0.95, eps: 1e-6 });
    expect(new O.RMSprop().hyperparam.getDict()).toEqual({ lr: 0.01, alpha: 0.99, eps: 1e-8, epsInsideSqrt: false });
    expect(new O.RMSpropGraves().hyperparam.getDict()).toEqual({ lr: 1e-4, alpha: 0.95, momentum: 0.9, eps: 1e-4 });
    expect(new O.SMORMS3().hyperparam.getDict()).toEqual({ lr: 0.001, eps: 1e-16 });
    expect(new O.MSVAG().hyperparam.getDict()).toEqual({ lr: 0.1, beta: 0.9, eta: 1, weightDecayRate: 0 });
    const adam = {
      alpha: 0.001,
      beta1: 0.9,
      beta2: 0.999,
      eps: 1e-8,
      eta: 1,
      weightDecayRate: 0,
      amsgrad: false,
      adabound: false,
      finalLr: 0.1,
      gamma: 0.001,
    };
    expect(new O.Adam().hyperparam.getDict()).toEqual(adam);
    expect(new O.AdamW().hyperparam.getDict()).toEqual(adam);
    expect(new O.AMSGrad().hyperparam.getDict()).toEqual({ ...adam, amsgrad: true });
    expect(new O.AMSBound().hyperparam.getDict()).toEqual({ ...adam, amsgrad: true, adabound: true });
  });

  test("a property of the optimizer is its hyperparameter, on which those of parameters fall back", () => {
    const [a, b] = [new Parameter(array([0])), new Parameter(array([0]))];
    const optimizer = new O.SGD({ lr: 1 }).setup(new Link({ a, b }));
    const step = (): number[] => {
      a.grad = array([1]);
      b.grad = array([1]);
      a.array = array([0]);
      b.array = array([0]);
      optimizer.update();
      return [a.array.itemSync(), b.array.itemSync()];
    };
    expect(step()).toEqual([-1, -1]);
    optimizer.lr = 2;
    expect(optimizer.hyperparam.lr).toBe(2);
    expect(step()).toEqual([-2, -2]);
    const rule = a.updateRule as O.SGDRule;
    rule.hyperparam.lr = 5;
    expect(step()).toEqual([-5, -2]);
    optimizer.hyperparam.lr = 3;
    expect(step()).toEqual([-5, -3]);
    expect(rule.hyperparam.getDict()).toEqual({ lr: 5 });
    expect(rule.hyperparam.parent).toBe(optimizer.hyperparam);
    expect(optimizer.hyperparam.parent).toBeNull();
    delete (rule.hyperparam as Partial<O.SGDHyperparameters>).lr;
    expect(step()).toEqual([-3, -3]);
  });

  test("Adam's corrected step, in float64", () => {
    const adam = new O.Adam({ alpha: 0.5, beta1: 0.8, beta2: 0.9 });
    adam.t = 3;
    expect(adam.alphaT).toBeCloseTo((0.5 * Math.sqrt(1 - 0.9 ** 3)) / (1 - 0.8 ** 3), 15);
    expect(adam.lr).toBe(adam.alphaT);
  });

  test("AdaBound's bounds follow a changed alpha", () => {
    const param = new Parameter(array([1]));
    const optimizer = new O.AdaBound({ alpha: 0.1, finalLr: 0.2, gamma: 1 }).setup(new Link({ param }));
    const rule = param.updateRule as O.AdamRule;
    expect(() => rule.bounds).toThrow(/no bounds before/);
    optimizer.alpha = 0.05;
    param.grad = array([1]);
    optimizer.update();
    expect(rule.bounds.lower).toBeCloseTo(0.1 * (1 - 1 / 2), 12);
    expect(rule.bounds.upper).toBeCloseTo(0.1 * (1 + 1), 12);
  });
});

describe("float16 parameters updated in float32", () => {
  test("small steps are not lost", () => {
    const run16 = (fp32: boolean): number => {
      const param = new Parameter(array([1], { dtype: "float16" }));
      const optimizer = new O.SGD({ lr: 1e-4 });
      if (fp32) optimizer.useFp32Update();
      optimizer.setup(new Link({ param }));
      for (let i = 0; i < 100; i++) {
        param.grad = array([1], { dtype: "float16" });
        optimizer.update();
      }
      expect(param.dtype).toBe("float16");
      return param.array.itemSync();
    };
    expect(run16(false)).toBe(1);
    expect(run16(true)).toBeCloseTo(0.99, 3);
  });
});
