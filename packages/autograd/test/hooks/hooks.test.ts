import { array, ValueError, type NdArray } from "@chain/array";
import {
  CallLogHook,
  FunctionHook,
  PrintHook,
  TimerHook,
  Variable,
  type FunctionNode,
  type HookArrays,
} from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";

const vector = (...values: number[]): Variable => new Variable(array(values));

class Recorder extends FunctionHook {
  readonly events: string[] = [];
  override added(fn: FunctionNode | null): void {
    this.events.push(`added ${fn?.label ?? "everywhere"}`);
  }
  override deleted(fn: FunctionNode | null): void {
    this.events.push(`deleted ${fn?.label ?? "everywhere"}`);
  }
  override forwardPreprocess(fn: FunctionNode, inputs: readonly NdArray[]): void {
    this.events.push(`before ${fn.label} ${JSON.stringify(inputs.map((x) => x.tolistSync()))}`);
  }
  override forwardPostprocess(fn: FunctionNode): void {
    this.events.push(`after ${fn.label}`);
  }
  override backwardPreprocess(fn: FunctionNode, inputs: HookArrays, gradOutputs: HookArrays): void {
    const show = (arrays: HookArrays): string => JSON.stringify(arrays.map((x) => x?.tolistSync() ?? null));
    this.events.push(`before backward ${fn.label} ${show(inputs)} ${show(gradOutputs)}`);
  }
  override backwardPostprocess(fn: FunctionNode): void {
    this.events.push(`after backward ${fn.label}`);
  }
}

describe("a hook", () => {
  test("is told of every function while it is on", () => {
    const hook = new Recorder();
    const x = vector(3);
    const y = hook.withHook(() => F.square(x));
    F.exp(x);
    hook.withHook(() => y.backward());
    expect(hook.events).toEqual([
      "added everywhere",
      "before square [[3]]",
      "after square",
      "deleted everywhere",
      "added everywhere",
      "before backward square [[3]] [[1]]",
      "after backward square",
      "deleted everywhere",
    ]);
  });

  test("is turned off by the end of a block, by an error, and when a promise settles", async () => {
    const hook = new Recorder();
    {
      using on = hook.enable();
      expect(on).toBe(hook);
    }
    expect(() =>
      hook.withHook(() => {
        throw new Error("no");
      }),
    ).toThrow("no");
    await hook.withHook(async () => {
      await Promise.resolve();
      F.neg(vector(1));
    });
    F.neg(vector(1));
    expect(hook.events.filter((event) => event.startsWith("before"))).toEqual(["before neg [[1]]"]);
    expect(hook.events.filter((event) => event === "deleted everywhere").length).toBe(3);
    hook.disable();
  });

  test("is on once", () => {
    const hook = new Recorder();
    hook.withHook(() => {
      expect(() => hook.enable()).toThrow(ValueError);
      expect(() => new Recorder().enable()).toThrow('a function hook named "Recorder" is on already');
    });
  });

  test("can be added to one function", () => {
    const hook = new Recorder();
    const y = F.square(vector(3));
    const z = F.neg(y);
    y.creator?.addHook(hook);
    expect(() => y.creator?.addHook(hook)).toThrow('square has a hook named "Recorder" already');
    z.backward();
    y.creator?.deleteHook("Recorder");
    z.backward();
    expect(hook.events).toEqual([
      "added square",
      "before backward square [[3]] [[-1]]",
      "after backward square",
      "deleted square",
    ]);
  });
});

describe("TimerHook", () => {
  test("counts runs and adds up times", () => {
    const timer = new TimerHook();
    timer.withHook(() => F.sum(F.exp(F.exp(vector(1, 2)))).backward());
    const summary = timer.summary();
    expect(summary.exp?.occurrence).toBe(4);
    expect(timer.callHistory.filter(([label]) => label === "exp").length).toBe(4);
    const inOrder = timer.callHistory.filter(([label]) => label === "exp").reduce((sum, [, time]) => sum + time, 0);
    expect(summary.exp?.elapsedTime).toBeCloseTo(inOrder, 9);
    // Functions inside the backward of sum are in the history, but in the total only as part of it.
    const all = timer.callHistory.reduce((sum, [, time]) => sum + time, 0);
    expect(timer.totalTime()).toBeGreaterThan(0);
    expect(timer.totalTime()).toBeLessThanOrEqual(all);
  });

  test("prints a table", () => {
    const timer = new TimerHook();
    timer.callHistory.push(["exp", 1500], ["exp", 500], ["linear", 0.25]);
    const print = (unit?: "auto" | "auto_foreach" | "us"): string[] => {
      const lines: string[] = [];
      timer.printReport({ ...(unit === undefined ? {} : { unit }), write: (line) => lines.push(line) });
      return lines;
    };
    expect(print()).toEqual([
      "FunctionName  ElapsedTime  Occurrence",
      "         exp      2.00sec           2",
      "      linear      0.00sec           1",
    ]);
    expect(print("auto_foreach")[2]).toBe("      linear     250.00us           1");
    expect(print("us")[1]).toBe("         exp  2000000.00us           2");
  });
});

describe("CallLogHook", () => {
  test("writes down functions and shapes", () => {
    const log = new CallLogHook();
    log.withHook(() => F.square(F.add(vector(1), 1)).backward());
    expect(log.toString()).toBe(
      ["forward add (1)", "forward square (1)", "backward square (1)", "backward add (1)"].join("\n"),
    );
  });
});

describe("PrintHook", () => {
  test("shows inputs and gradients", () => {
    const lines: string[] = [];
    new PrintHook({ write: (line) => lines.push(line) }).withHook(() => F.sin(vector(0)).backward());
    expect(lines).toEqual([
      "function\tsin",
      "input data",
      "float32 (1,) [0]",
      "function\tsin",
      "input data",
      "float32 (1,) [0]",
      "output gradient",
      "float32 (1,) [1]",
    ]);
  });
});
