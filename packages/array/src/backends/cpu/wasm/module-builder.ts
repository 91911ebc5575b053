import { ValueError } from "../../../errors.js";
import { type Bytes, writeName, writeSized, writeUnsigned } from "./encoding.js";
import { type Callable, FunctionBuilder } from "./function-builder.js";
import { type MemoryType, type Signature, typeCode } from "./types.js";

const MAX_PAGES = 65536;
const FUNCTION_KIND = 0;
const MEMORY_KIND = 2;

interface ImportedFunction extends Callable {
  readonly module: string;
  readonly field: string;
}

/** Options of a module. */
export interface ModuleOptions {
  /** The memory it imports, as `env.memory`; none if absent. */
  readonly memory?: MemoryType;
}

/**
 * Assembles one WebAssembly module: an imported memory, imported functions, functions of its own and exports.
 *
 * @example
 * ```ts
 * const module = new ModuleBuilder({ memory: { shared: true } });
 * const f = module.function("run", { params: ["i32", "i32", "i32"], results: [] });
 * // … f.get(…).op(…)
 * const instance = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env: { memory } });
 * ```
 */
export class ModuleBuilder {
  readonly #imports: ImportedFunction[] = [];
  readonly #functions: { readonly builder: FunctionBuilder; readonly exported: boolean }[] = [];

  constructor(readonly options: ModuleOptions = {}) {}

  /** Declares an imported function. All of them come before the first `function`, as their indices do. */
  importFunction(module: string, field: string, signature: Signature): Callable {
    if (this.#functions.length > 0) {
      throw new ValueError("wasm assembler: declare imported functions before the module's own");
    }
    const imported = { module, field, name: field, index: this.#imports.length, signature };
    this.#imports.push(imported);
    return imported;
  }

  /** Adds a function; it is exported under its name unless `exported` is false. */
  function(name: string, signature: Signature, exported = true): FunctionBuilder {
    const index = this.#imports.length + this.#functions.length;
    const builder = new FunctionBuilder(name, index, signature, (i) => this.#nameOf(i));
    this.#functions.push({ builder, exported });
    return builder;
  }

  /** The module as WebAssembly binary. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const types = new SignatureTable();
    const imports = this.#importEntries(types);
    const declarations = this.#functions.map(({ builder }) => {
      const entry: Bytes = [];
      writeUnsigned(entry, types.indexOf(builder.signature));
      return entry;
    });
    const exports = this.#functions
      .filter(({ exported }) => exported)
      .map(({ builder }) => {
        const entry: Bytes = [];
        writeName(entry, builder.name);
        entry.push(FUNCTION_KIND);
        writeUnsigned(entry, builder.index);
        return entry;
      });
    const bodies = this.#functions.map(({ builder }) => {
      const entry: Bytes = [];
      writeSized(entry, builder.toBytes());
      return entry;
    });
    const out: Bytes = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
    writeSection(out, 1, types.entries);
    writeSection(out, 2, imports);
    writeSection(out, 3, declarations);
    writeSection(out, 7, exports);
    writeSection(out, 10, bodies);
    this.#writeNames(out);
    return Uint8Array.from(out);
  }

  /** All functions of the module in WebAssembly text, for reading. */
  text(): string {
    return this.#functions.map(({ builder }) => builder.text()).join("\n");
  }

  #nameOf(index: number): string {
    const callable = this.#imports[index] ?? this.#functions[index - this.#imports.length]?.builder;
    return callable?.name ?? String(index);
  }

  #importEntries(types: SignatureTable): Bytes[] {
    const entries: Bytes[] = [];
    const { memory } = this.options;
    if (memory !== undefined) {
      const entry: Bytes = [];
      writeName(entry, "env");
      writeName(entry, "memory");
      entry.push(MEMORY_KIND, memory.shared ? 0x03 : 0x01);
      writeUnsigned(entry, memory.initial ?? 0);
      writeUnsigned(entry, memory.maximum ?? MAX_PAGES);
      entries.push(entry);
    }
    for (const { module, field, signature } of this.#imports) {
      const entry: Bytes = [];
      writeName(entry, module);
      writeName(entry, field);
      entry.push(FUNCTION_KIND);
      writeUnsigned(entry, types.indexOf(signature));
      entries.push(entry);
    }
    return entries;
  }

  /** Function names, so that profilers and stack traces show them. */
  #writeNames(out: Bytes): void {
    const map: Bytes = [];
    const callables: readonly Callable[] = [...this.#imports, ...this.#functions.map(({ builder }) => builder)];
    writeUnsigned(map, callables.length);
    for (const { index, name } of callables) {
      writeUnsigned(map, index);
      writeName(map, name);
    }
    const section: Bytes = [];
    writeName(section, "name");
    section.push(1);
    writeSized(section, map);
    out.push(0);
    writeSized(out, section);
  }
}

/** The type section: each distinct signature once. */
class SignatureTable {
  readonly entries: Bytes[] = [];
  readonly #indices = new Map<string, number>();

  indexOf({ params, results }: Signature): number {
    const key = `${params.join()}>${results.join()}`;
    let index = this.#indices.get(key);
    if (index === undefined) {
      index = this.entries.length;
      this.#indices.set(key, index);
      const entry: Bytes = [0x60];
      writeUnsigned(entry, params.length);
      for (const type of params) entry.push(typeCode(type));
      writeUnsigned(entry, results.length);
      for (const type of results) entry.push(typeCode(type));
      this.entries.push(entry);
    }
    return index;
  }
}

function writeSection(out: Bytes, id: number, entries: readonly Bytes[]): void {
  if (entries.length === 0) return;
  const content: Bytes = [];
  writeUnsigned(content, entries.length);
  for (const entry of entries) for (let i = 0; i < entry.length; i++) content.push(entry[i] ?? 0);
  out.push(id);
  writeSized(out, content);
}
