import { describe, expect, test } from "@jest/globals";
import { fc } from "../../../../../../testing/property.js";
import {
  type FunctionBuilder,
  ModuleBuilder,
  type PlainOpcode,
  probeRelaxedSimd,
  type ValueType,
} from "../../../../src/backends/cpu/wasm/assembler.js";
import {
  LANE_OPCODES,
  LOAD_OPCODES,
  MEMORY_LANE_OPCODES,
  PLAIN_OPCODES,
  STORE_OPCODES,
} from "../../../../src/backends/cpu/wasm/opcodes.js";
import { ValueError } from "../../../../src/errors.js";

const memoryType = { shared: false, maximum: 1 };

function names<K extends string>(table: Readonly<Record<K, number>>): K[] {
  return Object.keys(table) as K[];
}

/** Instantiates a module with one function `f` and returns it. */
function compile(
  params: ValueType[],
  results: ValueType[],
  body: (f: FunctionBuilder) => void,
  memory = new WebAssembly.Memory({ initial: 1, maximum: 1 }),
): (...args: (number | bigint)[]) => number | bigint {
  const module = new ModuleBuilder({ memory: memoryType });
  body(module.function("f", { params, results }));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env: { memory } });
  return instance.exports["f"] as (...args: (number | bigint)[]) => number | bigint;
}

function validates(params: ValueType[], results: ValueType[], body: (f: FunctionBuilder) => void): boolean {
  const module = new ModuleBuilder({ memory: memoryType });
  const f = module.function("f", { params, results });
  for (const param of f.params) f.get(param);
  body(f);
  return WebAssembly.validate(module.toBytes());
}

/** Operand and result types of an instruction, worked out from its name as the specification does. */
function signatureOf(name: PlainOpcode): [params: ValueType[], results: ValueType[]] {
  const [shape = "", operation = ""] = name.split(".");
  if (/^[if]\d\d$/.test(shape)) return scalarSignature(shape as ValueType, operation);
  if (/bitselect|laneselect|madd|add_s$/.test(operation) && !/pairwise|sat/.test(operation)) {
    return [["v128", "v128", "v128"], ["v128"]];
  }
  if (operation === "splat") {
    const lane = shape.split("x")[0] ?? "";
    return [[lane === "i8" || lane === "i16" ? "i32" : (lane as ValueType)], ["v128"]];
  }
  if (/any_true|all_true|bitmask/.test(operation)) return [["v128"], ["i32"]];
  if (/^sh[lr]/.test(operation)) return [["v128", "i32"], ["v128"]];
  const unary =
    /^(abs|neg|not|popcnt|sqrt|ceil|floor|trunc.*|relaxed_trunc.*|nearest|extend_.*|extadd.*|convert.*|demote.*|promote.*)$/;
  return unary.test(operation) ? [["v128"], ["v128"]] : [["v128", "v128"], ["v128"]];
}

function scalarSignature(type: ValueType, operation: string): [ValueType[], ValueType[]] {
  const source = /_([if]\d\d)(_[su])?$/.exec(operation)?.[1];
  if (source !== undefined) return [[source as ValueType], [type]];
  if (operation === "eqz") return [[type], ["i32"]];
  if (/^(eq|ne|lt|gt|le|ge)(_[su])?$/.test(operation)) return [[type, type], ["i32"]];
  if (/^(clz|ctz|popcnt|abs|neg|ceil|floor|trunc|nearest|sqrt|extend\d+_s)$/.test(operation)) return [[type], [type]];
  return [[type, type], [type]];
}

describe("every instruction encodes to what the engine expects", () => {
  const untyped: PlainOpcode[] = ["unreachable", "nop", "return", "drop", "select"];
  const typed = names(PLAIN_OPCODES).filter((name) => !untyped.includes(name) && !name.includes("relaxed"));

  test("none has the code of another", () => {
    const codes = names(PLAIN_OPCODES).map((name) => PLAIN_OPCODES[name]);
    expect(new Set(codes).size).toBe(codes.length);
  });

  test.each(typed)("%s", (name) => {
    const [params, results] = signatureOf(name);
    expect(validates(params, results, (f) => f.op(name))).toBe(true);
    expect(validates([...params, "i32"], results, (f) => f.op(name))).toBe(false);
  });

  test("relaxed SIMD, where the engine has it", () => {
    for (const name of names(PLAIN_OPCODES).filter((each) => each.includes("relaxed"))) {
      const [params, results] = signatureOf(name);
      expect(validates(params, results, (f) => f.op(name))).toBe(probeRelaxedSimd());
    }
  });

  test.each(names(LOAD_OPCODES))("%s", (name) => {
    const result = name.slice(0, name.indexOf(".")) as ValueType;
    expect(validates(["i32"], [result], (f) => f.load(name, { offset: 40000 }))).toBe(true);
    expect(validates(["i32"], [result], (f) => f.load(name, { align: 1 }))).toBe(true);
  });

  test.each(names(STORE_OPCODES))("%s", (name) => {
    const value = name.slice(0, name.indexOf(".")) as ValueType;
    expect(validates(["i32", value], [], (f) => f.store(name, { offset: 200 }))).toBe(true);
  });

  test.each(names(MEMORY_LANE_OPCODES))("%s", (name) => {
    const results: ValueType[] = name.includes("load") ? ["v128"] : [];
    expect(validates(["i32", "v128"], results, (f) => f.memoryLane(name, 1, { offset: 8 }))).toBe(true);
  });

  test.each(names(LANE_OPCODES))("%s", (name) => {
    const lane = /^(i8|i16|i32|i64|f32|f64)/.exec(name)?.[0] ?? "";
    const scalar = lane === "i8" || lane === "i16" ? "i32" : (lane as ValueType);
    const [params, results]: [ValueType[], ValueType[]] = name.includes("extract")
      ? [["v128"], [scalar]]
      : [["v128", scalar], ["v128"]];
    expect(validates(params, results, (f) => f.lane(name, 1))).toBe(true);
  });
});

describe("instructions compute what their names say", () => {
  const binary = (name: PlainOpcode, type: ValueType, result = type) =>
    compile([type, type], [result], (f) => f.get(f.param(0)).get(f.param(1)).op(name));
  const unary = (name: PlainOpcode, type: ValueType, result: ValueType) =>
    compile([type], [result], (f) => f.get(f.param(0)).op(name));

  test("i32 arithmetic", () => {
    expect(binary("i32.sub", "i32")(3, 5)).toBe(-2);
    expect(binary("i32.div_s", "i32")(-7, 2)).toBe(-3);
    expect(binary("i32.rem_u", "i32")(-1, 10)).toBe(5);
    expect(binary("i32.shr_u", "i32")(-1, 28)).toBe(15);
    expect(binary("i32.shr_s", "i32")(-16, 2)).toBe(-4);
    expect(binary("i32.lt_u", "i32")(1, -1)).toBe(1);
    expect(binary("i32.lt_s", "i32")(1, -1)).toBe(0);
    expect(unary("i32.clz", "i32", "i32")(1)).toBe(31);
    expect(unary("i32.extend8_s", "i32", "i32")(0xff)).toBe(-1);
  });

  test("floats and conversions", () => {
    expect(binary("f64.copysign", "f64")(3, -0)).toBe(-3);
    expect(binary("f32.min", "f32")(1, NaN)).toBeNaN();
    expect(unary("f64.nearest", "f64", "f64")(2.5)).toBe(2);
    expect(unary("i32.trunc_sat_f64_s", "f64", "i32")(1e20)).toBe(2 ** 31 - 1);
    expect(unary("i32.reinterpret_f32", "f32", "i32")(1)).toBe(0x3f800000);
    expect(unary("f32.convert_i32_u", "i32", "f32")(-1)).toBe(2 ** 32);
    expect(unary("f64.promote_f32", "f32", "f64")(0.1)).toBe(Math.fround(0.1));
    expect(unary("i64.extend_i32_u", "i32", "i64")(-1)).toBe(2n ** 32n - 1n);
  });

  test("vectors: lanes, shuffles, selection, widening", () => {
    const f32 = new Float32Array([1, 2, 3, 4, 10, 20, 30, 40, 0, 0, 0, 0, 0, 0, 0, 0]);
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    const view = new Float32Array(memory.buffer, 0, 16);
    view.set(f32);
    const store = (body: (f: FunctionBuilder) => void) => {
      compile(
        [],
        [],
        (f) => {
          f.i32(32);
          body(f);
          f.store("v128.store");
        },
        memory,
      )();
      return Array.from(view.subarray(8, 12));
    };
    const a = (f: FunctionBuilder) => f.i32(0).load("v128.load");
    const b = (f: FunctionBuilder) => f.i32(0).load("v128.load", { offset: 16 });
    expect(store((f) => b(a(f)).op("f32x4.mul"))).toEqual([10, 40, 90, 160]);
    expect(store((f) => b(a(f)).shuffle32([0, 4, 1, 5]))).toEqual([1, 10, 2, 20]);
    expect(store((f) => a(f).f32(7).lane("f32x4.replace_lane", 2))).toEqual([1, 2, 7, 4]);
    expect(store((f) => b(a(f)).i32x4(-1).op("v128.bitselect"))).toEqual([1, 2, 3, 4]);
    expect(store((f) => b(a(f)).i32x4(0).op("v128.bitselect"))).toEqual([10, 20, 30, 40]);
    expect(store((f) => a(f.i32(20)).memoryLane("v128.load32_lane", 3))).toEqual([1, 2, 3, 20]);
    expect(store((f) => f.i32(4).load("v128.load32_zero"))).toEqual([2, 0, 0, 0]);
    expect(store((f) => f.i32(4).load("v128.load32_splat"))).toEqual([2, 2, 2, 2]);
    expect(store((f) => a(f).op("i32x4.trunc_sat_f32x4_s").op("f32x4.convert_i32x4_s"))).toEqual([1, 2, 3, 4]);
    expect(store((f) => a(f).op("f64x2.promote_low_f32x4").op("f32x4.demote_f64x2_zero"))).toEqual([1, 2, 0, 0]);
    expect(store((f) => f.f32x4(0.5))).toEqual([0.5, 0.5, 0.5, 0.5]);
    const bytes = new Uint8Array(memory.buffer, 0, 16);
    bytes.set([200, 1, 2, 3]);
    const widen = (f: FunctionBuilder) =>
      f.op("i16x8.extend_low_i8x16_u").op("i32x4.extend_low_i16x8_u").op("f32x4.convert_i32x4_u");
    expect(store((f) => widen(a(f)))).toEqual([200, 1, 2, 3]);
  });

  test("memory.fill, memory.copy, memory.size", () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    const f = compile(
      [],
      ["i32"],
      (body) =>
        body.i32(8).i32(0x5a).i32(4).op("memory.fill").i32(20).i32(9).i32(4).op("memory.copy").op("memory.size"),
      memory,
    );
    expect(f()).toBe(1);
    expect([...new Uint8Array(memory.buffer, 7, 18)]).toEqual([
      0, 0x5a, 0x5a, 0x5a, 0x5a, 0, 0, 0, 0, 0, 0, 0, 0, 0x5a, 0x5a, 0x5a, 0, 0,
    ]);
  });

  test("constants survive exactly", () => {
    fc.assert(
      fc.property(fc.integer(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.double(), (i, l, d) => {
        expect(compile([], ["i32"], (f) => f.i32(i))()).toBe(i);
        expect(compile([], ["i64"], (f) => f.i64(l))()).toBe(l);
        expect(compile([], ["f64"], (f) => f.f64(d))()).toBe(d);
        expect(compile([], ["f32"], (f) => f.f32(d))()).toBe(Math.fround(d));
      }),
    );
  });
});

describe("structure", () => {
  test("loop, block, br_if: the sum of 1..n", () => {
    const f = compile(["i32"], ["i32"], (body) => {
      const [n, sum] = [body.param(0), body.local("i32")];
      body.block((done) => {
        body.loop((next) => {
          body.get(n).op("i32.eqz").brIf(done);
          body.get(sum).get(n).op("i32.add").set(sum);
          body.get(n).i32(1).op("i32.sub").set(n).br(next);
        });
      });
      body.get(sum);
    });
    expect(f(100)).toBe(5050);
  });

  test("if with a result, br_table, locals of several types", () => {
    const choose = compile(["i32"], ["f64"], (f) => {
      f.local("i32");
      f.local("v128");
      const x = f.local("f64");
      f.f64(2).set(x);
      f.get(f.param(0)).if(
        () => f.get(x),
        () => f.f64(-1),
        "f64",
      );
    });
    expect([choose(1), choose(0)]).toEqual([2, -1]);
    const table = compile(["i32"], ["i32"], (f) => {
      f.block((other) => {
        f.block((one) => {
          f.block((zero) => f.get(f.param(0)).brTable([zero, one], other));
          f.i32(10).op("return");
        });
        f.i32(11).op("return");
      });
      f.i32(12);
    });
    expect([table(0), table(1), table(2), table(-1)]).toEqual([10, 11, 12, 12]);
  });

  test("imports, calls between functions, several signatures, exports", () => {
    const module = new ModuleBuilder({ memory: { shared: false } });
    const log = module.importFunction("env", "log", { params: ["f64"], results: [] });
    const square = module.function("square", { params: ["f64"], results: ["f64"] }, false);
    square.get(square.param(0)).get(square.param(0)).op("f64.mul");
    const run = module.function("run", { params: ["f64"], results: [] });
    run.get(run.param(0)).call(square).call(log);
    const seen: number[] = [];
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), {
      env: { memory, log: (x: number) => seen.push(x) },
    });
    expect(Object.keys(exports)).toEqual(["run"]);
    (exports["run"] as (x: number) => void)(7);
    expect(seen).toEqual([49]);
  });

  test("a shared memory", () => {
    const module = new ModuleBuilder({ memory: { shared: true, maximum: 2 } });
    const f = module.function("f", { params: [], results: ["i32"] });
    f.i32(4).load("i32.load");
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
    new Int32Array(memory.buffer)[1] = 42;
    const instance = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env: { memory } });
    expect((instance.exports["f"] as () => number)()).toBe(42);
  });

  test("long bodies", () => {
    const f = compile(["f64"], ["f64"], (body) => {
      body.get(body.param(0));
      for (let i = 0; i < 50000; i++) body.f64(1).op("f64.add");
    });
    expect(f(0)).toBe(50000);
  });
});

describe("mistakes", () => {
  const f = (): FunctionBuilder => new ModuleBuilder().function("f", { params: ["i32"], results: [] });

  test.each<[string, () => unknown]>([
    ["lane out of range", () => f().lane("f32x4.extract_lane", 4)],
    ["memory lane out of range", () => f().memoryLane("v128.load64_lane", 2)],
    ["shuffle index", () => f().shuffle(Array.from({ length: 16 }, () => 32))],
    ["shuffle length", () => f().shuffle([1, 2])],
    ["vector constant length", () => f().v128const([1, 2])],
    ["constant too large", () => f().i32(2 ** 32)],
    ["constant with a fraction", () => f().i32(0.5)],
    ["alignment", () => f().load("i32.load", { align: 3 })],
    ["negative offset", () => f().load("i32.load", { offset: -4 })],
    ["no such parameter", () => f().param(1)],
    [
      "late import",
      () => {
        const module = new ModuleBuilder();
        module.function("f", { params: [], results: [] });
        module.importFunction("env", "g", { params: [], results: [] });
      },
    ],
  ])("%s", (_, mistake) => {
    expect(mistake).toThrow(ValueError);
  });

  test("a branch to a block that was left", () => {
    const body = f();
    body.block((outer) => {
      body.block((inner) => {
        body.br(inner).br(outer);
        expect(() => body.block(() => body.br({ depth: 9 }))).toThrow(ValueError);
      });
    });
  });
});

test("a function prints as text", () => {
  const module = new ModuleBuilder({ memory: memoryType });
  const helper = module.importFunction("env", "helper", { params: ["f32"], results: [] });
  const f = module.function("run", { params: ["i32", "f32"], results: ["i32"] });
  const x = f.local("v128");
  f.loop((next) => {
    f.get(f.param(0)).load("v128.load", { offset: 16, align: 4 }).set(x);
    f.i32(-129).get(x).memoryLane("v128.store32_lane", 3);
    f.get(x).lane("f32x4.extract_lane", 1).call(helper);
    f.i32(0).brIf(next);
  });
  f.get(f.param(0)).if(
    () => f.i32(1),
    () => f.i32(2),
    "i32",
  );
  expect(f.text()).toBe(
    `(func $run (param $0 i32) (param $1 f32) (result i32)
  (local $2 v128)
  loop
    local.get $0
    v128.load offset=16 align=4
    local.set $2
    i32.const -129
    local.get $2
    v128.store32_lane align=4 3
    local.get $2
    f32x4.extract_lane 1
    call $helper
    i32.const 0
    br_if 0
  end
  local.get $0
  if (result i32)
    i32.const 1
  else
    i32.const 2
  end)
`,
  );
});
