export { DictionarySerializer } from "./dictionary-serializer.js";
export { readWholeFile, removeLeftovers, writeFileAtomically, type FileContents } from "./atomic-write.js";
export { fromHdf5, loadHdf5, saveHdf5, toHdf5, type SaveHdf5Options } from "./hdf5.js";
export { fromNpz, loadNpz, saveNpz, takeNpz, toNpz, writeNpz, type NpzEntries, type SaveOptions } from "./npz.js";
export { NpzDeserializer } from "./npz-deserializer.js";
export { NpzFile } from "./npz-file.js";
export * as protobuf from "./protobuf.js";
export {
  fromSafetensors,
  loadSafetensors,
  saveSafetensors,
  toSafetensors,
  type SaveSafetensorsOptions,
} from "./safetensors.js";
export { SafetensorsFile } from "./safetensors-file.js";
export { DamagedFileError, FileError, SerializationError } from "./serialization-error.js";
export { AbstractSerializer, Deserializer, Serializer, type SavedValue, type Serializable } from "./serializer.js";
export { StoredDeserializer, type IgnoredName, type LoadOptions } from "./stored-deserializer.js";
export type { StoredValue, StoredValues } from "./stored-value.js";
export { ZipReader } from "./zip-reader.js";
