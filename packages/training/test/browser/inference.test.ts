/** A network in a page, inside headless Chromium: on the device that a page starts on, and on those that it asks for. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  bundlePage,
  describeInBrowser,
  servePage,
  type PageBundle,
  type PageServer,
} from "../../../../testing/browser.js";
import type { Outcome } from "./page.js";

describeInBrowser()("headless Chromium", () => {
  let bundle: PageBundle;
  let server: PageServer;

  beforeAll(async () => {
    bundle = await bundlePage(fileURLToPath(new URL("page.ts", import.meta.url)));
    server = await servePage(bundle, ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"]);
  }, 60_000);

  afterAll(() => server.close());

  /** Names of the scripts that hold a backend. */
  function scriptsOf(backend: string): string[] {
    return Object.entries(bundle.metafile.outputs)
      .filter(([, { inputs }]) => Object.keys(inputs).some((path) => path.endsWith(`backends/${backend}/backend.ts`)))
      .map(([path]) => path.replace(/^.*\//, ""));
  }

  async function run(query: string): Promise<Outcome> {
    const { outcome, errors } = await server.run("plain", query);
    expect(errors).toEqual([]);
    return outcome as Outcome;
  }

  test("scores are the same on every device, and devices are loaded when they are asked for", async () => {
    const { scores, scriptsAtStart, refused, hosts } = await run("devices=cpu,webgpu");
    expect(Object.keys(scores)).toEqual(["js", "cpu", "webgpu"]);
    const { js = [], cpu = [], webgpu = [] } = scores;
    expect(new Set(js).size).toBe(10);
    js.forEach((score, i) => {
      expect(Math.abs((cpu[i] as number) - score)).toBeLessThan(1e-5);
      expect(Math.abs((webgpu[i] as number) - score)).toBeLessThan(1e-5);
    });
    expect(scriptsAtStart).toContain("page.js");
    for (const backend of ["cpu", "webgpu"]) {
      const scripts = scriptsOf(backend);
      expect(scripts).toHaveLength(1);
      expect(scriptsAtStart).not.toContain(scripts[0]);
    }
    expect(refused).toBe('device "cpu" opens asynchronously: await openDevice("cpu") before using it');
    expect(hosts).toEqual(["js", "js", "js", "cpu", "cpu", "cpu"]);
  }, 120_000);

  test("a cpu that the page registers is there at once", async () => {
    const { scores, hosts } = await run("registered");
    expect(Object.keys(scores)).toEqual(["cpu"]);
    expect(hosts).toEqual(["cpu", "cpu", "cpu"]);
  }, 120_000);
});
