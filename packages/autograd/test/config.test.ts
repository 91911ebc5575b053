import { config, forceBackpropMode, noBackpropMode, testMode, trainMode, usingConfig } from "@chain/autograd";
import { describe, expect, test } from "@jest/globals";

describe("usingConfig", () => {
  test("changes a value for the time of a call", () => {
    const seen = usingConfig("dtype", "float16", () => config.dtype);
    expect([seen, config.dtype]).toEqual(["float16", "float32"]);
  });

  test("restores it after an error", () => {
    expect(() =>
      usingConfig("train", false, () => {
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(config.train).toBe(true);
  });

  test("restores it when a promise settles, either way", async () => {
    const pending = usingConfig("train", false, async () => {
      await Promise.resolve();
      return config.train;
    });
    expect(config.train).toBe(false);
    expect(await pending).toBe(false);
    expect(config.train).toBe(true);
    await expect(usingConfig("train", false, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(config.train).toBe(true);
  });
});

test("the modes", () => {
  expect(testMode(() => config.train)).toBe(false);
  expect(testMode(() => trainMode(() => config.train))).toBe(true);
  expect(noBackpropMode(() => config.enableBackprop)).toBe(false);
  expect(noBackpropMode(() => forceBackpropMode(() => config.enableBackprop))).toBe(true);
  expect([config.train, config.enableBackprop]).toEqual([true, true]);
});
