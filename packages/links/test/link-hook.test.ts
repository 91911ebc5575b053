import { array, ValueError, type NdArray } from "@chain/array";
import { describe, expect, test } from "@jest/globals";
import { Chain, Link, LinkHook, TimerHook, type LinkForwardArgs, type LinkForwardResult } from "../src/index.js";

class Base extends Link {
  override forward(x: number): number {
    return x + 1;
  }
}

class Derived extends Base {
  override forward(x: number): number {
    return super.forward(x) * 10;
  }
}

class Inherited extends Derived {}

class Parent extends Chain {
  readonly child = new Derived();
  override forward(x: number): number {
    return this.child.forward(x) + 1;
  }
}

class Log extends LinkHook {
  readonly events: string[] = [];
  override readonly name: string;

  constructor(name = "Log") {
    super();
    this.name = name;
  }

  override added(link: Link | null): void {
    this.events.push(`added ${link?.constructor.name ?? "everywhere"}`);
  }

  override deleted(link: Link | null): void {
    this.events.push(`deleted ${link?.constructor.name ?? "everywhere"}`);
  }

  override forwardPreprocess({ link, forwardName, args }: LinkForwardArgs): void {
    this.events.push(`pre ${link.constructor.name} ${forwardName}(${args.join()})`);
  }

  override forwardPostprocess({ link, out }: LinkForwardResult): void {
    this.events.push(`post ${link.constructor.name} ${String(out)}`);
  }
}

function methodOf(target: object): unknown {
  return Reflect.get(target, "forward");
}

const run = ["pre Parent forward(2)", "pre Derived forward(2)", "post Derived 30", "post Parent 31"];

describe("a hook that is on", () => {
  test("sees every run, of inner links too, and super.forward once", () => {
    const parent = new Parent();
    const log = new Log();
    expect(log.withHook(() => parent.forward(2))).toBe(31);
    expect(log.events).toEqual(["added everywhere", ...run, "deleted everywhere"]);
    parent.forward(2);
    expect(log.events).toHaveLength(6);
  });

  test("sees links of classes that are first used while it is on", () => {
    const log = new Log();
    log.withHook(() => {
      class Fresh extends Base {
        override forward(x: number): number {
          return x * 2;
        }
      }
      return new Fresh().forward(4);
    });
    expect(log.events).toEqual(["added everywhere", "pre Fresh forward(4)", "post Fresh 8", "deleted everywhere"]);
  });

  test("sees a class that inherits forward", () => {
    const log = new Log();
    log.withHook(() => new Inherited().forward(1));
    expect(log.events).toContain("post Inherited 20");
    expect(log.events).toHaveLength(4);
  });

  test("is turned off when the body throws, or a promise settles, or a block ends", async () => {
    const log = new Log();
    expect(() =>
      log.withHook(() => {
        throw new Error("no");
      }),
    ).toThrow("no");
    const parent = new Parent();
    const pending = log.withHook(async () => {
      await Promise.resolve();
      return parent.forward(2);
    });
    await pending;
    log.enable();
    log[Symbol.dispose]();
    parent.forward(2);
    expect(log.events.filter((event) => event.startsWith("pre"))).toHaveLength(2);
  });

  test("cannot be on twice", () => {
    const log = new Log();
    log.withHook(() => expect(() => new Log().enable()).toThrow(ValueError));
    log.disable();
    expect(log.events).toHaveLength(2);
  });

  test("leaves no trace: forward is the class's own method again", () => {
    const forward = methodOf(Parent.prototype);
    const parent = new Parent();
    const [a, b] = [new Log("a").enable(), new Log("b").enable()];
    expect(methodOf(Parent.prototype)).not.toBe(forward);
    a.disable();
    expect(methodOf(Parent.prototype)).not.toBe(forward);
    b.disable();
    expect(methodOf(Parent.prototype)).toBe(forward);
    expect(methodOf(parent)).toBe(forward);
  });
});

describe("a hook of one link", () => {
  test("sees that link alone", () => {
    const [hooked, other] = [new Parent(), new Parent()];
    const log = new Log();
    hooked.child.addHook(log);
    hooked.forward(2);
    other.forward(2);
    expect(log.events).toEqual(["added Derived", "pre Derived forward(2)", "post Derived 30"]);
    expect(hooked.child.localLinkHooks).toEqual([log]);
    hooked.child.deleteHook("Log");
    hooked.forward(2);
    expect(log.events).toHaveLength(4);
    expect(Object.hasOwn(hooked.child, "forward")).toBe(false);
    expect(methodOf(hooked.child)).toBe(methodOf(Derived.prototype));
  });

  test.each(["the link's first", "the other first"])("goes together with one that is on (%s)", (order) => {
    const parent = new Parent();
    const [local, everywhere] = [new Log("local"), new Log("everywhere")];
    if (order === "the link's first") parent.addHook(local);
    everywhere.enable();
    if (order !== "the link's first") parent.addHook(local);
    expect(parent.forward(2)).toBe(31);
    expect(everywhere.events.slice(1)).toEqual(run);
    expect(local.events.slice(1)).toEqual([run[0], run[3]]);
    everywhere.disable();
    parent.forward(2);
    expect(local.events).toHaveLength(5);
    parent.deleteHook("local");
    expect(methodOf(parent)).toBe(methodOf(Parent.prototype));
    expect(Object.hasOwn(parent, "forward")).toBe(false);
  });

  test("names", () => {
    const link = new Base();
    link.addHook(new Log());
    expect(() => link.addHook(new Log())).toThrow(ValueError);
    link.addHook(new Log(), "other");
    expect(() => link.deleteHook("missing")).toThrow(ValueError);
  });

  test("is on a copy too", () => {
    const link = new Base();
    const log = new Log();
    link.addHook(log);
    const twin = link.copy();
    expect(twin.forward(1)).toBe(2);
    expect(log.events).toEqual(["added Base", "pre Base forward(1)", "post Base 2"]);
    twin.deleteHook("Log");
    expect(link.forward(1)).toBe(2);
    expect(log.events).toHaveLength(6);
  });

  test("sees a forward that is a field", () => {
    class Field extends Link {
      constructor() {
        super();
        Object.assign(this, { forward: (x: number) => x + 5 });
      }
    }
    const link = new Field() as unknown as Base;
    const log = new Log();
    link.addHook(log);
    expect(link.forward(1)).toBe(6);
    expect(log.events).toContain("post Field 6");
    link.deleteHook("Log");
    expect(link.forward(1)).toBe(6);
    expect(log.events).toHaveLength(4);
  });
});

describe("TimerHook", () => {
  test("counts runs by class, and time in inner links once in the total", () => {
    const timer = new TimerHook();
    const parent = new Parent();
    timer.withHook(() => {
      parent.forward(1);
      parent.forward(2);
    });
    expect(timer.callHistory.map(([name]) => name)).toEqual(["Derived", "Parent", "Derived", "Parent"]);
    const summary = timer.summary();
    expect(summary["Parent"]?.occurrence).toBe(2);
    expect(timer.totalTime()).toBeCloseTo(summary["Parent"]?.elapsedTime ?? NaN, 9);
    expect(timer.report()).toMatch(/Parent .* 2/);
  });
});

test("arguments and results pass through unchanged", () => {
  class Echo extends Link {
    override forward(...args: NdArray[]): NdArray[] {
      return args;
    }
  }
  const echo = new Echo();
  const [a, b] = [array([1]), array([2])];
  expect(new Log().withHook(() => echo.forward(a, b))).toEqual([a, b]);
});
