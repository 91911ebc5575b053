import type { LibraryHandle } from "koffi";

/** What C's functions take: numbers, addresses, and bytes of ours that they read or write while they run. */
export type Argument = number | bigint | ArrayBufferView | null;

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

/** Parameters by a letter each: p a pointer, i an int, n a `size_t`. */
const types: Readonly<Record<string, string>> = { p: "void *", i: "int", n: "size_t" };

/** The functions of version 2 that convolutions need. They throw {@link OneDnnError} where C returns a status. */
export function functionsOf(lib: LibraryHandle) {
  const parameters = (letters: string): string => Array.from(letters, (letter) => types[letter]).join(", ");
  const checked = (name: string, letters: string): ((...args: Argument[]) => void) => {
    const call: (...args: Argument[]) => number = lib.func(`int dnnl_${name}(${parameters(letters)})`);
    return (...args) => {
      const status = call(...args);
      if (status !== 0) throw new OneDnnError(`dnnl_${name}`, status);
    };
  };
  const plain = (result: string, name: string, letters: string): ((...args: Argument[]) => number) =>
    lib.func(`${result} dnnl_${name}(${parameters(letters)})`);
  return {
    createEngine: checked("engine_create", "pin"),
    createStream: checked("stream_create", "ppi"),
    createAttributes: checked("primitive_attr_create", "p"),
    setScratchpadMode: checked("primitive_attr_set_scratchpad_mode", "pi"),
    initLayoutByStrides: checked("memory_desc_init_by_strides", "pipip"),
    initLayoutByTag: checked("memory_desc_init_by_tag", "pipii"),
    layoutBytes: plain("size_t", "memory_desc_get_size", "p"),
    layoutsEqual: plain("int", "memory_desc_equal", "pp"),
    initForward: checked("dilated_convolution_forward_desc_init", "piipppppppp"),
    initBackwardData: checked("dilated_convolution_backward_data_desc_init", "pippppppp"),
    initBackwardWeights: checked("dilated_convolution_backward_weights_desc_init", "pipppppppp"),
    describe: checked("primitive_desc_create", "ppppp"),
    describeReorder: checked("reorder_primitive_desc_create", "pppppp"),
    query: checked("primitive_desc_query", "piip"),
    queryLayout: plain("uintptr_t", "primitive_desc_query_md", "pii"),
    releaseDescription: checked("primitive_desc_destroy", "p"),
    createPrimitive: checked("primitive_create", "pp"),
    execute: checked("primitive_execute", "ppip"),
    releasePrimitive: checked("primitive_destroy", "p"),
    createMemory: checked("memory_create", "pppp"),
    placeMemory: checked("memory_set_data_handle", "pp"),
    releaseMemory: checked("memory_destroy", "p"),
  };
}

/** See {@link functionsOf}. */
export type Functions = ReturnType<typeof functionsOf>;
