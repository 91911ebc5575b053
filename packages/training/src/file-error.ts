import { ChainError } from "@chain/array";

/** A file or folder cannot be written, or there is no file system (in a browser). */
export class FileError extends ChainError {
  override readonly name = "FileError";
}
