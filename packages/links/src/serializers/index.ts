export { DictionarySerializer } from "./dictionary-serializer.js";
export { removeLeftovers, writeFileAtomically, type FileContents } from "./atomic-write.js";
export { fromNpz, loadNpz, saveNpz, takeNpz, toNpz, writeNpz, type NpzEntries, type SaveOptions } from "./npz.js";
export { NpzDeserializer, type IgnoredName, type LoadOptions } from "./npz-deserializer.js";
export type { StoredValue } from "./npy.js";
export { NpzFile } from "./npz-file.js";
export { DamagedFileError, FileError, SerializationError } from "./serialization-error.js";
export { AbstractSerializer, Deserializer, Serializer, type SavedValue, type Serializable } from "./serializer.js";
