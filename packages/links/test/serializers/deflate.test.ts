import { inflateRawSync } from "node:zlib";
import { afterEach, describe, expect, test } from "@jest/globals";
import { deflate } from "../../src/serializers/deflate.js";

const platform = globalThis.CompressionStream;

afterEach(() => {
  globalThis.CompressionStream = platform;
});

function withoutRawFormat(): never {
  throw new TypeError("unsupported format");
}

describe.each([
  ["the platform's", platform],
  ["none", undefined],
  ["one without the raw format", withoutRawFormat],
])("compressor: %s", (_, compressor) => {
  test.each([0, 1, 1000, 300_000])("%i bytes", async (length) => {
    globalThis.CompressionStream = compressor as unknown as typeof CompressionStream;
    const bytes = Uint8Array.from({ length }, (__, i) => (i * i) % 251);
    const packed = await deflate(bytes);
    expect(Buffer.compare(inflateRawSync(packed), bytes)).toBe(0);
    if (length >= 1000) expect(packed.length).toBeLessThan(length);
  });
});
