import { config } from "@chain/autograd";

/** Those that are on. */
const active = new Set<KeptGraph>();
let before = false;

/** While one of them is on, reported Variables keep the graph that led to them. */
export class KeptGraph {
  begin(): void {
    if (active.size === 0) before = config.keepGraphOnReport;
    active.add(this);
    config.keepGraphOnReport = true;
  }

  /** When the last one ends, the configuration is again what it was. */
  end(): void {
    if (active.delete(this) && active.size === 0) config.keepGraphOnReport = before;
  }
}
