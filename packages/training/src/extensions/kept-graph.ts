import { config } from "@chain/autograd";

/** While it is on, reported Variables keep the graph that led to them. */
export class KeptGraph {
  private before: boolean | null = null;

  begin(): void {
    if (this.before !== null) return;
    this.before = config.keepGraphOnReport;
    config.keepGraphOnReport = true;
  }

  /** The configuration is again what it was. */
  end(): void {
    if (this.before !== null) config.keepGraphOnReport = this.before;
    this.before = null;
  }
}
