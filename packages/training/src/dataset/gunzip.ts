/** Unpacks gzip; rejects if the data is damaged or cut off. */
export async function gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return decompress(bytes, "gzip");
}

/** Unpacks what is compressed by `deflate` in the wrapping of gzip, or of zlib (which the platform calls "deflate"). */
export async function decompress(
  bytes: Uint8Array<ArrayBuffer>,
  format: "gzip" | "deflate",
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
