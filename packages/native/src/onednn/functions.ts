import type { LibraryHandle } from "koffi";

/** Address in the process of an object of oneDNN's, which nobody else looks into. */
export type Handle = number;

/** What C's functions take: numbers, addresses, and bytes of ours that they read or write while they run. */
export type Argument = number | bigint | ArrayBufferView | null;

/** A function that throws {@link OneDnnError} where C returns a status. */
export type Checked = (...args: Argument[]) => void;

/** oneDNN did not do what it was asked. */
export class OneDnnError extends Error {
  override readonly name = "OneDnnError";

  constructor(
    called: string,
    readonly status: number,
  ) {
    super(`${called}: status ${status}`);
  }

  /** Whether it has no code for what was asked, rather than failing at it. */
  get unsupported(): boolean {
    return this.status === 2 || this.status === 3;
  }
}

/** Parameters by a letter each: p a pointer, i an int, n a `size_t`, f a float. */
const types: Readonly<Record<string, string>> = { p: "void *", i: "int", n: "size_t", f: "float" };

/** Declares a function that returns a status. */
export function checked(lib: LibraryHandle, name: string, letters: string): Checked {
  const call = plain(lib, "int", name, letters);
  return (...args) => {
    const status = call(...args);
    if (status !== 0) throw new OneDnnError(`dnnl_${name}`, status);
  };
}

/** Declares a function that returns what it finds. */
function plain(lib: LibraryHandle, result: string, name: string, letters: string): (...args: Argument[]) => number {
  return lib.func(`${result} dnnl_${name}(${Array.from(letters, (letter) => types[letter]).join(", ")})`);
}

const made = new BigUint64Array(1);

/** Calls a function that makes something and says where by its first argument. */
export function make(create: Checked, ...args: Argument[]): Handle {
  create(made, ...args);
  return Number(made[0]);
}

/** The functions that versions 2 and 3 have in common; what differs is in `descriptors-2.ts` and `descriptors-3.ts`. */
export function functionsOf(lib: LibraryHandle) {
  return {
    createEngine: checked(lib, "engine_create", "pin"),
    createStream: checked(lib, "stream_create", "ppi"),
    createAttributes: checked(lib, "primitive_attr_create", "p"),
    setScratchpadMode: checked(lib, "primitive_attr_set_scratchpad_mode", "pi"),
    layoutBytes: plain(lib, "size_t", "memory_desc_get_size", "p"),
    layoutsEqual: plain(lib, "int", "memory_desc_equal", "pp"),
    describeReorder: checked(lib, "reorder_primitive_desc_create", "pppppp"),
    query: checked(lib, "primitive_desc_query", "piip"),
    queryLayout: plain(lib, "uintptr_t", "primitive_desc_query_md", "pii"),
    releaseDescription: checked(lib, "primitive_desc_destroy", "p"),
    createPrimitive: checked(lib, "primitive_create", "pp"),
    execute: checked(lib, "primitive_execute", "ppip"),
    releasePrimitive: checked(lib, "primitive_destroy", "p"),
    createMemory: checked(lib, "memory_create", "pppp"),
    placeMemory: checked(lib, "memory_set_data_handle", "pp"),
    releaseMemory: checked(lib, "memory_destroy", "p"),
  };
}

/** See {@link functionsOf}. */
export type Functions = ReturnType<typeof functionsOf>;
