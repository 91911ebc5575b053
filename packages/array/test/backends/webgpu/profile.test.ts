import { expect, test } from "@jest/globals";
import { add, exp, formatKernelTimes, matmul, ones, openDevice, profileKernels, sum } from "../../../src/index.js";
import { describeGpu } from "./gpu.js";

const device = "webgpu";

describeGpu("kernel times on webgpu", () => {
  test("every kernel is counted and measured, the longest first", async () => {
    const a = ones([128, 128], { device });
    const times = await profileKernels(
      () => {
        for (let i = 0; i < 100; i++) add(a, 1).dispose();
        for (let i = 0; i < 3; i++) exp(a).dispose();
        matmul(a, a).dispose();
        sum(a).dispose();
      },
      { device },
    );
    const runs = (name: string): number | undefined => times.find(({ kernel }) => kernel.startsWith(name))?.runs;
    expect([runs("add"), runs("exp"), runs("matmul")]).toEqual([100, 3, 1]);
    expect(runs("sum")).toBeGreaterThanOrEqual(1);
    expect(times.some(({ milliseconds }) => milliseconds > 0)).toBe(true);
    expect(times.map(({ milliseconds }) => milliseconds)).toEqual(
      times.map(({ milliseconds }) => milliseconds).sort((x, y) => y - x),
    );
    expect(formatKernelTimes(times).split("\n")).toHaveLength(times.length + 1);
  });

  test("results are the same, and work after a profile is not measured", async () => {
    const backend = await openDevice(device);
    const x = ones([4], { device });
    const profile = backend.profile?.();
    const y = add(x, 1);
    expect(() => backend.profile?.()).toThrow(/already/);
    expect(await profile?.stop()).toHaveLength(1);
    expect(await add(y, 1).tolist()).toEqual([3, 3, 3, 3]);
    expect(await profileKernels(() => undefined, { device })).toEqual([]);
  });

  test("what fails inside ends the profile", async () => {
    const failing = profileKernels(() => Promise.reject(new Error("stop here")), { device });
    await expect(failing).rejects.toThrow("stop here");
    expect(await profileKernels(() => void add(ones([2], { device }), 1), { device })).not.toHaveLength(0);
  });
});

test("a device without a clock says so", async () => {
  await expect(profileKernels(() => undefined, { device: "cpu" })).rejects.toThrow(
    /does not measure kernels; TimerHook/,
  );
});

test("a table of times", () => {
  const times = [
    { kernel: "matmul", runs: 2, milliseconds: 3 },
    { kernel: "add(float32)", runs: 100, milliseconds: 1 },
  ];
  expect(formatKernelTimes(times)).toBe(
    [
      "kernel        runs     ms  us each     %",
      "matmul           2  3.000   1500.0  75.0",
      "add(float32)   100  1.000     10.0  25.0",
    ].join("\n"),
  );
});
