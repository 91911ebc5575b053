/** For tests in a browser: a page's program is bundled as it would be for users, served, and run in headless Chromium. */
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe } from "@jest/globals";
import { build, type Metafile } from "esbuild";
import { chromium } from "playwright-core";

const executable = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

/** `describe` where there is a Chromium; else `describe.skip`, aloud. */
export function describeInBrowser(): typeof describe | typeof describe.skip {
  if (executable !== undefined) return describe;
  console.warn("TESTS IN A BROWSER ARE SKIPPED: there is no chromium (Debian: apt-get install chromium)");
  return describe.skip;
}

/** A page's program. */
export interface PageBundle {
  /** Scripts by name, as `/page.js`. */
  readonly files: ReadonlyMap<string, string>;
  readonly metafile: Metafile;
}

/** Bundles a page's program, whose file is called `page.ts`. */
export async function bundlePage(entry: string): Promise<PageBundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    // As the tests themselves: from the sources of every package.
    conditions: ["@chain/source"],
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

/** Chromium, and a server for a page: with the headers that isolate it from other origins, or without. */
export interface PageServer {
  /**
   * Opens the page, waits until its global `outcome.done` is true, and gives that outcome.
   *
   * @param query what follows the address's question mark
   */
  run(mode: "isolated" | "plain", query: string): Promise<{ outcome: unknown; errors: string[] }>;
  close(): Promise<void>;
}

/** How long a page may take, in milliseconds. */
const patience = 280_000;

/** Starts both. */
export async function servePage({ files }: PageBundle, flags: readonly string[]): Promise<PageServer> {
  const server = createServer((request, response) => {
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
  const browser = await chromium.launch({
    ...(executable === undefined ? {} : { executablePath: executable }),
    args: ["--no-sandbox", ...flags],
  });
  return {
    async run(mode, query) {
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      const { port } = server.address() as AddressInfo;
      await page.goto(`http://127.0.0.1:${port}/${mode}/?${query}`, { waitUntil: "commit" });
      await page
        .waitForFunction("globalThis.outcome?.done", undefined, { timeout: patience, polling: 500 })
        .catch(() => errors.push("the page was not done in time"));
      const outcome = await page.evaluate<unknown>("globalThis.outcome");
      await page.close();
      return { outcome, errors };
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}
