import { ChainError } from "@chain/array";

/** A file cannot be read or written as what it should be: it is missing, damaged, of another format or another model. */
export class SerializationError extends ChainError {
  override readonly name: string = "SerializationError";

  /** The same error, with words in front of its message that say where it happened. */
  within(place: string): SerializationError {
    const { constructor } = this as { constructor: unknown };
    return new (constructor as typeof SerializationError)(`${place}${this.message}`, { cause: this });
  }
}

/** A file is cut off, or its bytes do not agree with its checksums: nothing can be got out of it. */
export class DamagedFileError extends SerializationError {
  override readonly name = "DamagedFileError";
}

/** The file system says no: a file or folder is missing, may not be written, or does not fit onto the disk. */
export class FileError extends SerializationError {
  override readonly name = "FileError";
}
