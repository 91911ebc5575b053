import type * as Files from "node:fs/promises";
import { FileError } from "./serialization-error.js";

/** What goes into a file: a text, bytes, or several stretches of bytes one after the other. */
export type FileContents = string | Uint8Array | readonly Uint8Array[];

/**
 * Writes a file so that at every moment there is either the old one or the whole new one, even if the process is killed
 * or the machine loses power: into a temporary file in the same folder, which is flushed to the disk and renamed; then
 * the folder is flushed. Works where there are files (Node).
 *
 * @throws FileError if the file cannot be written; the old one is still there then.
 */
export async function writeFileAtomically(file: string | URL, contents: FileContents): Promise<void> {
  const { open, rename, rm } = await nodeFiles();
  const paths = await import("node:path");
  const { fileURLToPath } = await import("node:url");
  const path = typeof file === "string" ? file : fileURLToPath(file);
  const serial = crypto.randomUUID().slice(0, 8);
  const folder = paths.dirname(path);
  const temporary = paths.join(folder, `.${paths.basename(path)}.${process.pid}.${startOfProcess()}.${serial}.tmp`);
  try {
    const handle = await open(temporary, "wx");
    try {
      const parts = typeof contents === "string" || contents instanceof Uint8Array ? [contents] : contents;
      for (const part of parts) await handle.writeFile(part);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // the first error is the one that matters
    throw new FileError(`cannot write ${path}: ${reasonOf(error)}`, { cause: error });
  }
  await flushFolder(folder);
}

const leftover = /^\..+\.(\d+)\.(\d+)\.[\da-f]{8}\.tmp$/;

/**
 * Removes the temporary files that processes left in a folder when they were killed in the middle of
 * {@link writeFileAtomically}; those of processes that are running stay.
 */
export async function removeLeftovers(folder: string): Promise<void> {
  const { readdir, rm } = await nodeFiles();
  const paths = await import("node:path");
  for (const name of await readdir(folder)) {
    const match = leftover.exec(name);
    if (match === null) continue;
    const [pid, start] = [Number(match[1]), Number(match[2])];
    // Another process may have had the number of this one before.
    const inUse = pid === process.pid ? Math.abs(start - startOfProcess()) <= 2 : isRunning(pid);
    if (!inUse) await rm(paths.join(folder, name), { force: true }).catch(() => undefined); // it does no harm
  }
}

/** Node reads no more than 2 GiB at once. */
const atOnce = 2 ** 30;

/**
 * Reads a whole file, however large.
 *
 * @throws FileError if it cannot be read, or is larger than an array of bytes can be.
 */
export async function readWholeFile(file: string | URL, piece = atOnce): Promise<Uint8Array> {
  const { open } = await nodeFiles();
  try {
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      if (size <= piece) return await handle.readFile(); // a pipe, too, whose size is 0
      const bytes = new Uint8Array(size);
      for (let at = 0; at < size;) {
        const { bytesRead } = await handle.read(bytes, at, Math.min(piece, size - at), at);
        if (bytesRead === 0) return bytes.subarray(0, at); // somebody has cut it off
        at += bytesRead;
      }
      return bytes;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new FileError(`cannot read ${String(file)}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Makes a rename outlive a loss of power; where folders cannot be flushed (Windows), the system sees to it. */
async function flushFolder(folder: string): Promise<void> {
  const { open } = await nodeFiles();
  try {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // The file is there, and whole.
  }
}

async function nodeFiles(): Promise<typeof Files> {
  // In a bundle for browsers, Node's modules are empty (the field "browser" of this package).
  if (typeof process !== "object" || process.versions?.node === undefined) {
    throw new FileError("there are no files here; use toNpz() and fromNpz(), which work on bytes in memory");
  }
  return import("node:fs/promises");
}

/** When this process began, in seconds, to within one; the same in all of its threads. */
function startOfProcess(): number {
  return Math.round(Date.now() / 1000 - process.uptime());
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // running, and somebody else's
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
