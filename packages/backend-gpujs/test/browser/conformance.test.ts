/** The conformance suite on WebGL2, inside headless Chromium, where one is installed. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { bundlePage, describeInBrowser, servePage, type PageServer } from "../../../../testing/browser.js";
import type { Outcome } from "./page.js";

describeInBrowser()("headless Chromium", () => {
  let server: PageServer;

  beforeAll(async () => {
    const bundle = await bundlePage(fileURLToPath(new URL("page.ts", import.meta.url)));
    server = await servePage(bundle, ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]);
  }, 60_000);

  afterAll(() => server.close());

  test.each([
    ["", "webgl2"],
    ["mode=cpu", "cpu"],
  ])(
    "the conformance suite, %s",
    async (query, mode) => {
      const { outcome: found, errors } = await server.run("plain", query);
      const outcome = found as Outcome;
      console.log(outcome.report);
      expect(errors).toEqual([]);
      expect(outcome.failed).toEqual([]);
      expect(outcome.description).toBe(`gpu.js, ${mode}`);
      expect(outcome.reasons).toEqual(["no arrays of float64"]);
      expect(outcome.crossed).toEqual([1, 0, 2, 4, 3, 5, 0, 6, 0]);
      const [early, late] = outcome.textures;
      expect(late).toBe(early);
    },
    300_000,
  );
});
