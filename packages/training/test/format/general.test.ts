import { describe, expect, test } from "@jest/globals";
import { formatDuration } from "../../src/format/duration.js";
import { formatGeneral } from "../../src/format/general.js";
import { decodeJson, encodeJson } from "../../src/format/json.js";
import { fillTemplate, templatePattern } from "../../src/format/template.js";

describe("formatGeneral", () => {
  // What Python prints for '{:g}' and '{:.5g}'.
  test.each([
    [0, "0"],
    [1, "1"],
    [20, "20"],
    [100000, "100000"],
    [1000000, "1e+06"],
    [123456789, "1.23457e+08"],
    [0.1, "0.1"],
    [0.190234567, "0.190235"],
    [0.0001, "0.0001"],
    [0.00001234, "1.234e-05"],
    [-2.5, "-2.5"],
    [999999.5, "1e+06"],
    [12.05, "12.05"],
    [NaN, "nan"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
  ])("%p is %s", (value, text) => {
    expect(formatGeneral(value)).toBe(text);
  });

  test("takes a precision", () => {
    expect(formatGeneral(161.803398, 5)).toBe("161.8");
    expect(formatGeneral(161800.3, 5)).toBe("1.618e+05");
  });
});

test.each([
  [0, "0:00:00"],
  [61.4, "0:01:01"],
  [3599.6, "1:00:00"],
  [90061, "1 day, 1:01:01"],
  [200000, "2 days, 7:33:20"],
  [NaN, "unknown"],
])("formatDuration(%p) is %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

describe("JSON with NaN", () => {
  const entries = [{ a: NaN, b: Infinity, c: -Infinity, d: 1e-300, 'NaN "x"': 0, e: "NaN Infinity \\" }];

  test("is what Python writes", () => {
    expect(encodeJson([{ a: NaN, b: -Infinity, c: 1.5 }])).toBe('[{"a":NaN,"b":-Infinity,"c":1.5}]');
  });

  test("comes back as it was", () => {
    expect(decodeJson(encodeJson(entries))).toEqual(entries);
  });

  test("reads JSON and what Python writes", () => {
    expect(decodeJson('[{"main/loss": NaN, "n": -Infinity, "epoch": 1}]')).toEqual([
      { "main/loss": NaN, n: -Infinity, epoch: 1 },
    ]);
    expect(() => decodeJson("[1,")).toThrow(SyntaxError);
  });
});

describe("templates", () => {
  const trainer = { updater: { iteration: 600, epochDetail: 1.5 } };

  test.each([
    ["snapshot_iter_{.updater.iteration}", "snapshot_iter_600"],
    ["{.updater.iteration:06}.npz", "000600.npz"],
    ["{.updater.iteration:6d}.npz", "   600.npz"],
    ["at {.updater.epoch_detail}", "at 1.5"],
    ["log_{iteration}", "log_7"],
    ["plain", "plain"],
  ])("%s", (template, name) => {
    expect(fillTemplate(template, trainer, { iteration: 7 })).toBe(name);
  });

  test.each(["{.updater.nothing}", "{.updater}", "{nothing}", "{.updater.iteration:x}"])(
    "%s is refused",
    (template) => {
      expect(() => fillTemplate(template, trainer)).toThrow('in "' + template + '"');
    },
  );

  test("pattern finds the names that the template makes", () => {
    const pattern = templatePattern("snapshot_iter_{.updater.iteration}");
    expect(pattern.exec("snapshot_iter_600")?.[1]).toBe("600");
    expect(pattern.test("snapshot_iter_600.tmp")).toBe(false);
    expect(pattern.test("my_snapshot_iter_600")).toBe(false);
    expect(templatePattern("a.b_{.updater.iteration:06}").test("aXb_000600")).toBe(false);
  });
});
