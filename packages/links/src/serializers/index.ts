export { DictionarySerializer } from "./dictionary-serializer.js";
export { fromNpz, loadNpz, saveNpz, toNpz, type SaveOptions } from "./npz.js";
export { NpzDeserializer, type IgnoredName, type LoadOptions } from "./npz-deserializer.js";
export { NpzFile } from "./npz-file.js";
export { SerializationError } from "./serialization-error.js";
export { AbstractSerializer, Deserializer, Serializer, type SavedValue, type Serializable } from "./serializer.js";
