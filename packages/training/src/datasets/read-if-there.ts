import { FileError } from "@chain/links/serializers";
import { fileSystem } from "../files.js";

/**
 * The content of a file; null if there is no such file.
 *
 * @throws FileError if it cannot be read.
 */
export async function readIfThere(file: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const { readFile } = await fileSystem();
  try {
    return new Uint8Array(await readFile(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    const reason = error instanceof Error ? error.message : String(error);
    throw new FileError(`cannot read ${file}: ${reason}`, { cause: error });
  }
}
