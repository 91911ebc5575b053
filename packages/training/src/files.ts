import { FileError, removeLeftovers } from "@chain/links/serializers";

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

/** Makes a folder for output, and removes what processes that were killed have left in it half written. */
export async function prepareFolder(directory: string): Promise<void> {
  await makeDirectory(directory);
  if (directory !== "" && hasFileSystem()) await removeLeftovers(directory);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
