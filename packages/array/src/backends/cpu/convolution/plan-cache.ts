import type { CpuRuntime } from "../runtime.js";
import { Scratch } from "./scratch.js";

/** Shapes whose plans are kept: more than a network has. */
const MOST_PLANS = 128;

/** What was worked out from shapes, with the tables that it consists of, for the shapes that came last. */
export class PlanCache<Plan> {
  readonly #runtime: CpuRuntime;
  readonly #plans = new Map<string, { plan: Plan; memory: Scratch }>();

  constructor(runtime: CpuRuntime) {
    this.#runtime = runtime;
  }

  /** The plan for `key`, made if there is none. */
  get(key: string, make: (memory: Scratch) => Plan): Plan {
    const known = this.#plans.get(key);
    if (known !== undefined) return known.plan;
    for (const [oldest, { memory }] of this.#plans) {
      if (this.#plans.size < MOST_PLANS) break;
      memory.free();
      this.#plans.delete(oldest);
    }
    const memory = new Scratch(this.#runtime);
    const plan = make(memory);
    this.#plans.set(key, { plan, memory });
    return plan;
  }
}
