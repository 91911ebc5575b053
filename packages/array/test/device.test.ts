import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { describe, expect, test } from "@jest/globals";
import { createJsBackend } from "../src/backends/js/index.js";
import { hostKernels } from "../src/backends/host-executable.js";
import type { Backend } from "../src/backend.js";
import * as nx from "../src/index.js";

/** The reference backend with something else about it, registered and opened. */
async function openWith(name: string, changes: object): Promise<Backend> {
  nx.registerBackend(name, () => ({ ...createJsBackend(), name, ...changes }));
  return nx.openDevice(name);
}

describe("backends that are refused when their device is opened", () => {
  test.each<[string, object, RegExp]>([
    ["without-version", { interfaceVersion: undefined }, /does not say which version.*add interfaceVersion: 1/],
    [
      "of-the-future",
      { interfaceVersion: 2 },
      /written for version 2 of the interface, this @chain\/array has version 1/,
    ],
    ["without-memory", { allocate: undefined, free: 3 }, /its backend has no allocate\(\), no free\(\)/],
    ["without-routines", { routines: undefined }, /has no routines; an empty object is enough/],
    ["null-routines", { routines: null }, /has no routines; an empty object is enough/],
    ["typo", { routines: { matMul: () => true } }, /there is no routine "matMul"; there are matmul, gather/],
    ["number", { routines: { matmul: 3 } }, /its routine "matmul" is no function but 3/],
    ["integers-only", { supports: (dtype: string) => dtype === "int32" }, /does not support float32/],
    ["alias", { name: "other" }, /calls itself "other"; the names must be the same/],
  ])("%s", async (name, changes, message) => {
    await expect(openWith(name, changes)).rejects.toThrow(message);
    await expect(openWith(name, changes)).rejects.toThrow(nx.DeviceError);
    await expect(openWith(name, {})).resolves.toMatchObject({ name });
  });

  test("no backend at all", async () => {
    nx.registerBackend("nothing", () => undefined as unknown as Backend);
    await expect(nx.openDevice("nothing")).rejects.toThrow(/gave undefined instead of a backend/);
  });
});

describe("devices that cannot be had", () => {
  test("say so by their name, with the reason as cause", async () => {
    const reason = new Error("no card");
    const factories = {
      "throws-now": () => {
        throw reason;
      },
      "throws-later": () => Promise.reject(reason),
    };
    for (const [name, factory] of Object.entries(factories)) {
      nx.registerBackend(name, factory);
      await expect(nx.openDevice(name)).rejects.toMatchObject({
        name: "DeviceError",
        message: `device "${name}" cannot be opened: no card`,
        cause: reason,
      });
    }
  });

  test("routines of a provider are looked at as well", async () => {
    await openWith("provided", {});
    expect(() => nx.provideRoutines("provided", () => ({ matMul: () => true }) as object)).toThrow(
      /device "provided": there is no routine "matMul"/,
    );
  });
});

describe("kernels that a backend does not compile", () => {
  const refuseAll = { compile: () => null };

  test("run on the host, in place where the host reaches the memory", async () => {
    const backend = await openWith("null-in-place", refuseAll);
    expect(nx.sqrt(nx.array([1, 4], { device: "null-in-place" })).tolistSync()).toEqual([1, 2]);
    expect(hostKernels(backend)).toEqual(["sqrt(float32 contiguous)"]);
    expect(hostKernels(nx.getBackend("js"))).toEqual([]);
  });

  test("run on elements that are read and written back elsewhere", async () => {
    await openWith("null-read", { ...refuseAll, hostBytes: undefined });
    const x = nx.array([1, 2, 3, 4], { device: "null-read" });
    nx.copyto(x.get(nx.slice(1, 3)), nx.multiply(x.get(nx.slice(0, 2)), 10));
    expect(x.tolistSync()).toEqual([1, 10, 20, 4]);
  });

  test("are an error where elements cannot be had at once", async () => {
    await openWith("null-deferred", { ...refuseAll, hostBytes: undefined, readSync: undefined });
    const x = nx.array([1], { device: "null-deferred" });
    expect(() => nx.sqrt(x)).toThrow(/device "null-deferred" cannot run the kernel sqrt.*Move the arrays to the cpu/);
  });
});

describe("devices of packages", () => {
  const marker = "globalThis.imported = (globalThis.imported ?? 0) + 1;";

  /** Runs a program in a project of its own whose node_modules has these packages; its dependency on this one is a link. */
  function run(program: string, packages: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(tmpdir(), "chain-device-"));
    try {
      for (const [name, source] of Object.entries(packages)) {
        const home = join(folder, "node_modules", name);
        mkdirSync(home, { recursive: true });
        writeFileSync(join(home, "package.json"), JSON.stringify({ name, type: "module", exports: "./index.js" }));
        writeFileSync(join(home, "index.js"), source);
      }
      writeFileSync(join(folder, "main.mjs"), program);
      const { stdout, stderr } = spawnSync(process.execPath, ["main.mjs"], { cwd: folder, encoding: "utf8" });
      return stdout + stderr;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  const array = JSON.stringify(new URL("../dist/index.js", import.meta.url).href);
  const main = (name: string): string =>
    `import * as nx from ${array};\nawait nx.setDefaultDevice("${name}").catch((e) => console.log(e.name, e.message));\n` +
    `console.log(nx.getDefaultDevice(), globalThis.imported);\n`;

  test("are imported when they are named for the first time", () => {
    const source = `import { getBackend, registerBackend } from ${array};\n${marker}\n
      registerBackend("mine", () => ({ ...getBackend("js"), name: "mine" }));`;
    expect(run(main("mine"), { "@chain/backend-mine": source })).toBe("mine 1\n");
  });

  test("that do not register themselves", () => {
    expect(run(main("mine"), { "@chain/backend-mine": marker })).toMatch(
      /^DeviceError @chain\/backend-mine was imported and did not register the device "mine": is there a second copy/,
    );
  });

  test("that fail while they are imported", () => {
    expect(run(main("mine"), { "@chain/backend-mine": 'throw new Error("no driver");' })).toMatch(
      /^DeviceError @chain\/backend-mine was found and cannot be imported: no driver\n/,
    );
    expect(run(main("mine"), { "@chain/backend-mine": 'import "elsewhere";' })).toMatch(
      /Cannot find package 'elsewhere'/,
    );
  });

  test("that are not there", () => {
    expect(run(main("mine"), {})).toMatch(
      /^DeviceError unknown device "mine": registered are cpu, js, webgpu; there is no package @chain\/backend-mine/,
    );
    expect(run(main("../mine"), {})).toMatch(
      /^DeviceError unknown device "\.\.\/mine".*small letters, digits and hyphens/,
    );
    expect(
      run(
        `import * as nx from ${array}; try { nx.array([1], { device: "mine" }); } catch (e) { console.log(e.message); }`,
        {},
      ),
    ).toMatch(
      /import the package that registers it before, or await openDevice\("mine"\), which looks for @chain\/backend-mine/,
    );
  });
});
