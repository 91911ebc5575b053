import { fileSystem } from "../files.js";

/** The content of a file; null if there is no such file. */
export async function readIfThere(file: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const { readFile } = await fileSystem();
  try {
    return new Uint8Array(await readFile(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
