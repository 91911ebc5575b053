/** The conformance suite inside headless Chromium, where one is installed. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  bundlePage,
  describeInBrowser,
  servePage,
  type PageBundle,
  type PageServer,
} from "../../../../testing/browser.js";
import { conformanceCases } from "../../src/conformance/index.js";
import type { Outcome } from "./page.js";

let bundle: PageBundle;

beforeAll(async () => {
  bundle = await bundlePage(fileURLToPath(new URL("page.ts", import.meta.url)));
}, 60_000);

test("a bundle for browsers has no module of Node in it, and no Dawn", () => {
  const { metafile } = bundle;
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  expect(imports.filter(({ external }) => external === true)).toEqual([]);
  expect(Object.keys(metafile.inputs).filter((path) => path.includes("node_modules"))).toEqual([]);
});

test("what the cpu needs is bundled without the GPU's code", () => {
  const { metafile } = bundle;
  const entry = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint?.endsWith("page.ts"));
  const [start] = entry ?? [];
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const { path: next, kind } of metafile.outputs[path]?.imports ?? []) {
      if (kind !== "dynamic-import") visit(next);
    }
  };
  visit(start as string);
  const inputs = [...reached].flatMap((path) => Object.keys(metafile.outputs[path]?.inputs ?? {}));
  expect(inputs.some((path) => path.includes("backends/cpu"))).toBe(true);
  expect(inputs.filter((path) => path.includes("backends/webgpu"))).toEqual([]);
});

describeInBrowser()("headless Chromium", () => {
  let server: PageServer;

  beforeAll(async () => {
    server = await servePage(bundle, ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"]);
  }, 60_000);

  afterAll(() => server.close());

  test.each([
    ["cpu", "isolated"],
    ["cpu", "plain"],
    ["webgpu", "isolated"],
    ["webgpu", "plain"],
  ] as const)(
    "%s, %s",
    async (device, mode) => {
      const { outcome: found, errors } = await server.run(mode, `device=${device}`);
      const outcome = found as Outcome;
      expect(errors).toEqual([]);
      expect(outcome.failed).toEqual([]);
      expect(outcome.isolated).toBe(mode === "isolated");
      const names = conformanceCases(device).map(({ name }) => name);
      expect(outcome.passed.length + outcome.skipped.length).toBe(names.length);
      expect(outcome.skipped).toEqual(device === "cpu" ? [] : names.filter((name) => name.includes("float64")));
    },
    300_000,
  );
});
