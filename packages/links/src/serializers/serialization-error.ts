import { ChainError } from "@chain/array";

/** A file cannot be read or written as what it should be: it is missing, damaged, of another format or another model. */
export class SerializationError extends ChainError {
  override readonly name: string = "SerializationError";
}
