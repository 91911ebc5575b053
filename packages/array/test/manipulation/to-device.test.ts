import { describe, expect, test } from "@jest/globals";
import * as nx from "../../src/index.js";
import { createJsBackend } from "../../src/backends/js/index.js";
import "../devices.js";

describe("toDevice", () => {
  test.each(["float16", "float32", "float64", "int32", "uint32", "uint8", "bool"] as const)(
    "moves %s",
    async (dtype) => {
      const x = nx.array(
        [
          [1, 0],
          [2, 3],
        ],
        { dtype, device: "cpu" },
      ).T;
      const moved = nx.toDevice(x, "deferred");
      expect([moved.device, moved.dtype, moved.shape]).toEqual(["deferred", dtype, [2, 2]]);
      expect(await moved.tolist()).toEqual(x.tolistSync());
      const back = await moved.toDeviceAsync("cpu");
      expect(back.tolistSync()).toEqual(x.tolistSync());
    },
  );

  test("of views moves what they show, and of nothing nothing", () => {
    const x = nx.arange(10, { device: "cpu" });
    expect(nx.toDevice(x.get(nx.slice(1, 8, 3)), "js").tolistSync()).toEqual([1, 4, 7]);
    expect(nx.toDevice(x.get(nx.slice(2, 4)), "js").tolistSync()).toEqual([2, 3]);
    expect(nx.toDevice(x.get(nx.slice(2, 2)), "js").shape).toEqual([0]);
  });

  test("is the array itself where it already is", async () => {
    const x = nx.zeros(2, { device: "cpu" });
    expect(nx.toDevice(x, "cpu")).toBe(x);
    expect(await nx.toDeviceAsync(x, "cpu")).toBe(x);
  });

  test("says what to do where it has to wait", async () => {
    const x = nx.zeros(2, { device: "deferred" });
    expect(() => nx.toDevice(x, "cpu")).toThrow(/use await toDeviceAsync\(x, "cpu"\)/);
    expect(() => nx.toDevice(x, "nowhere")).toThrow(nx.DeviceError);
    nx.registerBackend("later", () => Promise.resolve({ ...createJsBackend(), name: "later" }));
    expect(() => nx.toDevice(nx.zeros(1), "later")).toThrow(/await openDevice\("later"\)/);
    expect((await nx.toDeviceAsync(x, "later")).device).toBe("later");
  });

  test("array() and asarray() move too", () => {
    const x = nx.arange(3, { device: "cpu" });
    const moved = nx.array(x, { device: "js", dtype: "float64" });
    expect([moved.device, moved.dtype, moved.tolistSync()]).toEqual(["js", "float64", [0, 1, 2]]);
    expect(nx.asarray(x, { dtype: "int32" })).toBe(x);
    expect(nx.asarray(x, { dtype: "float32" })).not.toBe(x);
  });
});
