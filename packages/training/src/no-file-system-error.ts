import { ChainError } from "@chain/array";

/** Files were to be written or read where there are none (in a browser). */
export class NoFileSystemError extends ChainError {
  override readonly name = "NoFileSystemError";
}
