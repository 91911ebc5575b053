import { deflateSync } from "fflate/browser";

/**
 * Compresses bytes as DEFLATE: with the platform's own compressor where there is one (browsers, Node from 20.12), which
 * is faster and works beside the program, else with fflate.
 */
export async function deflate(bytes: Uint8Array): Promise<Uint8Array> {
  const compressor = platformCompressor();
  if (compressor === null) return deflateSync(bytes);
  const writer = compressor.writable.getWriter();
  // What goes wrong with writing is found out by reading.
  writer.write(bytes as Uint8Array<ArrayBuffer>).catch(() => undefined);
  writer.close().catch(() => undefined);
  return new Uint8Array(await new Response(compressor.readable).arrayBuffer());
}

function platformCompressor(): CompressionStream | null {
  try {
    return new CompressionStream("deflate-raw");
  } catch {
    return null; // no such class, or no such format
  }
}
