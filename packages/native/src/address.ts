import type { NdArray } from "@chain/array";
import koffi from "koffi";

let lastMemory: ArrayBufferLike | null = null;
let lastAddress = 0;

/** Address in the process of an array's first element. Its device's memory must be the host's. */
export function addressOf({ storage, offset, itemsize }: NdArray): number {
  const bytes = storage.backend.hostBytes?.(storage.buffer);
  if (bytes === undefined)
    throw new TypeError(`device "${storage.backend.name}" has no memory that the host can reach`);
  if (bytes.buffer !== lastMemory) {
    lastMemory = bytes.buffer;
    lastAddress = Number(koffi.address(new Uint8Array(lastMemory)));
  }
  return lastAddress + bytes.byteOffset + offset * itemsize;
}
