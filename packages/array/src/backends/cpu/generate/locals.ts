import type { FunctionBuilder, Local, ValueType } from "../wasm/assembler.js";

/**
 * Local variables of a function, taken for a stretch of code and used again afterwards: copies of an unrolled body, whose
 * values do not live at the same time, share theirs.
 */
export class LocalPool {
  readonly #taken: Local[] = [];
  readonly #free = new Map<ValueType, Local[]>();

  constructor(private readonly f: FunctionBuilder) {}

  /** A variable with arbitrary contents. */
  take(type: ValueType): Local {
    const local = this.#free.get(type)?.pop() ?? this.f.local(type);
    this.#taken.push(local);
    return local;
  }

  /** Runs `body`; what it takes is free again afterwards. */
  scoped(body: () => void): void {
    const mark = this.#taken.length;
    body();
    for (const local of this.#taken.splice(mark)) {
      const free = this.#free.get(local.type);
      if (free === undefined) this.#free.set(local.type, [local]);
      else free.push(local);
    }
  }
}
