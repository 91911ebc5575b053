import type * as Files from "node:fs/promises";
import { SerializationError } from "./serialization-error.js";

let writes = 0;

/**
 * Writes a file so that at every moment there is either the old one or the whole new one: into a temporary file beside
 * it, flushed to the disk, then renamed. Works where there are files (Node).
 */
export async function writeFileAtomically(file: string | URL, bytes: Uint8Array): Promise<void> {
  const { open, rename, rm } = await nodeFiles();
  const { fileURLToPath } = await import("node:url");
  const path = typeof file === "string" ? file : fileURLToPath(file);
  const temporary = `${path}.${process.pid}-${writes++}.tmp`;
  try {
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // the first error is the one that matters
    throw new SerializationError(`cannot write ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Reads a whole file. */
export async function readWholeFile(file: string | URL): Promise<Uint8Array> {
  const { readFile } = await nodeFiles();
  try {
    return await readFile(file);
  } catch (error) {
    throw new SerializationError(`cannot read ${String(file)}: ${reasonOf(error)}`, { cause: error });
  }
}

async function nodeFiles(): Promise<typeof Files> {
  try {
    return await import("node:fs/promises");
  } catch (error) {
    throw new SerializationError("there are no files here; use toNpz() and fromNpz(), which work on bytes in memory", {
      cause: error,
    });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
