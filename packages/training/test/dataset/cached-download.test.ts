import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createServer, type Server } from "node:http";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { cachedDownload, DownloadError } from "../../src/dataset/cached-download.js";
import { setDatasetRoot } from "../../src/dataset/dataset-root.js";

// printf 'hello, chain' | sha256sum
const sha256 = "8b4a8decd5eac5d3be9ecea988468504604973863fefbd547eedd90295c65cb4";
let root: string;
let server: Server;
let address: string;
let requests: number;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "chain-download-"));
  setDatasetRoot(root);
  requests = 0;
  server = createServer((request, response) => {
    requests++;
    if (request.url === "/file.gz") response.end(gzipSync("hello, chain"));
    else if (request.url === "/broken.gz") response.end(gzipSync("hello, chain").subarray(0, 15));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await new Promise((resolve) => void server.close(resolve));
  setDatasetRoot(null);
  await rm(root, { recursive: true });
});

describe("cachedDownload", () => {
  test("downloads once", async () => {
    const options = { directory: "greetings", gunzip: true, out: null } as const;
    const file = await cachedDownload(`${address}/file.gz`, options);
    expect(file).toBe(join(root, "greetings", "file"));
    expect(await readFile(file, "utf8")).toBe("hello, chain");
    expect(await cachedDownload(`${address}/file.gz`, options)).toBe(file);
    expect(requests).toBe(1);
  });

  test("tells of its progress", async () => {
    let told = "";
    await cachedDownload(`${address}/file.gz`, { out: { write: (text) => (told += text) } });
    expect(told).toContain("file.gz");
  });

  test("keeps nothing that is not what it should be", async () => {
    const options = { directory: "d", gunzip: true, out: null } as const;
    await expect(cachedDownload(`${address}/file.gz`, { ...options, sha256: "0".repeat(64) })).rejects.toThrow(
      "SHA-256",
    );
    await expect(cachedDownload(`${address}/broken.gz`, options)).rejects.toThrow(DownloadError);
    await expect(cachedDownload(`${address}/nothing`, options)).rejects.toThrow("404");
    await expect(cachedDownload("http://127.0.0.1:1/x", options)).rejects.toThrow(DownloadError);
    expect(await readdir(join(root, "d"))).toEqual([]);
    await cachedDownload(`${address}/file.gz`, { ...options, sha256 });
  });
});
