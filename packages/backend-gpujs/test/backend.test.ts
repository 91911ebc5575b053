import * as nx from "@chain/array";
import { elementwise, exp, mul, reduction, add, type Expr } from "@chain/array/kernel";
import { expect, test } from "@jest/globals";
import { createGpuJsBackend, type GpuMode } from "../src/index.js";

const device = "memory";
nx.registerBackend(device, () => createGpuJsBackend({ name: device, mode: "cpu" }));

test("memory is given back, on the host and where kernels run", () => {
  nx.scope(() => {
    const x = nx.array(new Float32Array(1000), { device });
    const y = nx.exp(x);
    expect(nx.memoryInfo()[device]).toMatchObject({ arrays: 2, bytes: 8000 });
    nx.copyto(y.get(nx.slice(0, 10)), 7);
    expect(y.sum().itemSync()).toBe(990 + 70);
  });
  expect(nx.memoryInfo()[device]).toMatchObject({ arrays: 0, bytes: 0, reservedBytes: 0 });
});

test("a kernel prints as what gpu.js is given, or where it runs", () => {
  const x = nx.zeros([2, 3], { device });
  const square = elementwise("square_exp", (v) => mul(exp(v), 2));
  expect(square.print(x)).toContain(
    [
      "function kernel(a1, f1) {",
      "  const t = this.thread.x;",
      "  const o = 0;",
      "  const i = t;",
      "  const x0 = i;",
      "  const v0 = a1[f1 + x0];",
      "  const v1 = Math.exp(v0);",
      "  const v2 = (v1 * 2);",
      "  return v2;",
      "}",
    ].join("\n"),
  );
  const total = reduction("total", { map: (v: Expr) => v, combine: add, identity: 0 });
  expect(total.print(x)).toMatch(/for \(let j = 0; j < count; j\+\+\)/);
  expect(square.print(x.astype("int32").astype("float16"))).toMatch(
    /^.*\n\/\/ square_exp\(float16 \w+\) runs on the host$/,
  );
});

test("a mode that is not there is an error that says so", () => {
  expect(() => createGpuJsBackend({ mode: "webgl2" })).toThrow(nx.DeviceError);
  expect(() => createGpuJsBackend({ mode: "webgl2" })).toThrow(/gpu\.js has no mode "webgl2" here/);
  expect(() => createGpuJsBackend({ mode: "webgl" as GpuMode })).toThrow(/has no mode "webgl"/);
});
