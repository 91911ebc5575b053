import type * as H5 from "h5wasm";
import { SerializationError } from "./serialization-error.js";

/** The HDF5 library, compiled to WebAssembly, and its files, which are in memory. */
export interface Hdf5Library {
  readonly h5: typeof H5;
  readonly files: {
    writeFile(path: string, bytes: Uint8Array): void;
    readFile(path: string): Uint8Array<ArrayBuffer>;
    unlink(path: string): void;
  };
}

let loaded: Promise<Hdf5Library> | null = null;

/** Loads the optional package `h5wasm`, once. */
export function hdf5Library(): Promise<Hdf5Library> {
  loaded ??= load();
  return loaded;
}

let serial = 0;

/** Runs `body` with the name of a file in memory, and removes the file. */
export function withTemporary<T>({ files }: Hdf5Library, body: (path: string) => T): T {
  const path = `/chain-${serial++}.h5`;
  try {
    return body(path);
  } finally {
    try {
      files.unlink(path);
    } catch {
      // It has not come into being.
    }
  }
}

async function load(): Promise<Hdf5Library> {
  let h5: typeof H5;
  try {
    h5 = await import("h5wasm");
  } catch (error) {
    loaded = null;
    throw new SerializationError("HDF5 files need the package h5wasm: npm install h5wasm", { cause: error });
  }
  const module = await h5.ready;
  // Errors are thrown, not printed.
  module.activate_throwing_error_handler();
  return { h5, files: module.FS as unknown as Hdf5Library["files"] };
}
