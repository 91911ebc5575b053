import type { DatasetIterator } from "../iterators/dataset-iterator.js";
import type { OutputStream } from "../output-stream.js";
import { titledBar } from "./progress-bar.js";

/** Shows on a terminal how far an evaluation is; elsewhere nothing, since the log will tell. */
export class EvaluationBar {
  private minibatches = 0;
  private drawn = false;

  constructor(
    private readonly title: string,
    private readonly out: OutputStream,
  ) {}

  /** Counts a minibatch. */
  advance(): void {
    this.minibatches++;
  }

  /** Draws the bar, and takes the cursor back to its start, so that whatever is printed next replaces it. */
  draw({ epochDetail }: Pick<DatasetIterator<unknown>, "epochDetail">): void {
    if (!this.out.isTTY) return;
    const length = Math.max(1, Math.min(50, (this.out.columns || 80) - this.title.length - 12));
    const count = `${String(this.minibatches).padStart(this.title.length)} minibatches`;
    this.out.write(`\u001B[J${titledBar(this.title, Math.min(1, epochDetail), length)}\n${count}\n\u001B[2A`);
    this.drawn = true;
  }

  clear(): void {
    if (this.drawn) this.out.write("\u001B[J");
    this.drawn = false;
  }
}
