/** The conformance suite inside headless Chromium, where one is installed. */
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { build, type Metafile } from "esbuild";
import { chromium, type Browser } from "playwright-core";
import { conformanceCases } from "../../src/conformance/index.js";
import type { Outcome } from "./page.js";

const executable = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
if (executable === undefined) {
  console.warn("TESTS IN A BROWSER ARE SKIPPED: there is no chromium (Debian: apt-get install chromium)");
}
const describeBrowser = executable === undefined ? describe.skip : describe;

/** Files by name, as a program for browsers would be bundled. */
async function bundle(): Promise<{ files: Map<string, string>; metafile: Metafile }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL("page.ts", import.meta.url))],
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    keepNames: true,
    outdir: "/out",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  return { files: new Map(outputFiles.map(({ path, text }) => [path.replace(/^.*\/out/, ""), text])), metafile };
}

let files: Map<string, string>;
let metafile: Metafile;

beforeAll(async () => {
  ({ files, metafile } = await bundle());
}, 60_000);

test("a bundle for browsers has no module of Node in it, and no Dawn", () => {
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  expect(imports.filter(({ external }) => external === true)).toEqual([]);
  expect(Object.keys(metafile.inputs).filter((path) => path.includes("node_modules"))).toEqual([]);
});

test("what the cpu needs is bundled without the GPU's code", () => {
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

describeBrowser("headless Chromium", () => {
  let server: Server;
  let browser: Browser;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://localhost");
      const [, mode = "", file = ""] = /^\/(isolated|plain)\/(.*)$/.exec(pathname) ?? [];
      if (mode === "isolated") {
        response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
        response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
      }
      const script = files.get(`/${file}`);
      if (file === "") {
        response.setHeader("Content-Type", "text/html; charset=utf-8");
        response.end('<!doctype html><title>Chain</title><body><script type="module" src="page.js"></script></body>');
      } else if (script === undefined) {
        response.writeHead(404).end();
      } else {
        response.setHeader("Content-Type", "text/javascript; charset=utf-8");
        response.end(script);
      }
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    browser = await chromium.launch({
      ...(executable === undefined ? {} : { executablePath: executable }),
      args: ["--no-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"],
    });
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    server.close();
  });

  test.each([
    ["cpu", "isolated"],
    ["cpu", "plain"],
    ["webgpu", "isolated"],
    ["webgpu", "plain"],
  ])(
    "%s, %s",
    async (device, mode) => {
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      const { port } = server.address() as AddressInfo;
      await page.goto(`http://127.0.0.1:${port}/${mode}/?device=${device}`);
      await page
        .waitForFunction("globalThis.outcome?.done", undefined, { timeout: 280_000, polling: 500 })
        .catch(() => {
          errors.push("the page was not done in time");
        });
      const outcome = await page.evaluate<Outcome>("globalThis.outcome");
      expect(errors).toEqual([]);
      expect(outcome.failed).toEqual([]);
      expect(outcome.isolated).toBe(mode === "isolated");
      const names = conformanceCases(device).map(({ name }) => name);
      expect(outcome.passed.length + outcome.skipped.length).toBe(names.length);
      expect(outcome.skipped).toEqual(device === "cpu" ? [] : names.filter((name) => name.includes("float64")));
      await page.close();
    },
    300_000,
  );
});
