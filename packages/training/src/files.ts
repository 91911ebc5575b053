import { FileError } from "./file-error.js";

/** Whether there are files here (Node). */
export function hasFileSystem(): boolean {
  return typeof process === "object" && process.versions?.node !== undefined;
}

/** Node's modules for files and paths, loaded when they are needed. */
export async function fileSystem() {
  if (!hasFileSystem()) {
    throw new FileError("there is no file system here: switch the output of this extension to files off");
  }
  const [files, path] = await Promise.all([import("node:fs/promises"), import("node:path")]);
  return { ...files, path };
}

/** Makes a folder and those above it, where there is a file system. */
export async function makeDirectory(directory: string): Promise<void> {
  if (directory === "" || !hasFileSystem()) return;
  const { mkdir } = await fileSystem();
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    throw new FileError(`cannot make the folder ${directory}: ${reasonOf(error)}`, { cause: error });
  }
}

let serial = 0;

/**
 * Writes a file so that there is either the old or the new one under its name, whatever happens: to a temporary file in
 * the same folder, which is flushed to the disk and renamed.
 */
export async function writeFileAtomically(file: string, data: string | Uint8Array): Promise<void> {
  const { open, path, rename, rm } = await fileSystem();
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.${++serial}.tmp`);
  try {
    const handle = await open(temporary, "w");
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new FileError(`cannot write ${file}: ${reasonOf(error)}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
