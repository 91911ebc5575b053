import type { NpzFile } from "./npz-file.js";
import { StoredDeserializer, type LoadOptions } from "./stored-deserializer.js";

/** Loads objects from an NPZ archive (Chainer's `NpzDeserializer`). */
export class NpzDeserializer extends StoredDeserializer {
  constructor(
    readonly npz: NpzFile,
    options: LoadOptions = {},
  ) {
    super(npz, options);
  }
}
