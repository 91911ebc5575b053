/**
 * Chain's archives have a checksum of their directory in the archive's comment, where other readers ignore it. ZIP itself
 * has checksums of contents only: a name in the directory that has lost a bit would be an entry that is missing.
 */
import { crc32 } from "./crc32.js";

const pattern = /^chain: CRC-32 of the directory is ([0-9a-f]{8})$/;

/** The comment for an archive whose directory, with what follows it up to the comment, is `directory`. */
export function formatDirectoryChecksum(directory: Uint8Array): Uint8Array {
  const checksum = crc32(directory).toString(16).padStart(8, "0");
  return new TextEncoder().encode(`chain: CRC-32 of the directory is ${checksum}`);
}

/** Whether a directory agrees with the comment of its archive; null if the comment says nothing of it. */
export function agreesWithComment(directory: Uint8Array, comment: Uint8Array): boolean | null {
  const match = pattern.exec(new TextDecoder().decode(comment));
  return match === null ? null : Number.parseInt(match[1] as string, 16) === crc32(directory);
}
