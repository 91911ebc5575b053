import type { AbstractSerializer } from "@chain/links/serializers";
import { Extension, type Trainer } from "@chain/training";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Counts how many blocks the network had at each iteration, and draws a histogram of it as `depths.svg`. */
export class DepthHistogram extends Extension {
  override readonly trigger = [1, "iteration"] as const;
  private counts: Int32Array;

  /** @param blocks number of blocks of the whole network */
  constructor(blocks: number) {
    super();
    this.counts = new Int32Array(blocks + 1);
  }

  override get defaultName(): string {
    return "DepthHistogram";
  }

  override async call(trainer: Trainer): Promise<void> {
    const blocks = trainer.observation["main/predictor/blocks"];
    if (typeof blocks === "number") this.counts[blocks] = (this.counts[blocks] ?? 0) + 1;
    if (trainer.updater.isNewEpoch) await writeFile(join(trainer.out, "depths.svg"), histogramSvg(this.counts));
  }

  override serialize(serializer: AbstractSerializer): void {
    this.counts = serializer.value("counts", this.counts);
  }
}

/** A bar for each number of blocks. */
export function histogramSvg(counts: Int32Array): string {
  const [width, height, bar, margin] = [counts.length * 24 + 60, 240, 20, 40];
  const most = Math.max(1, ...counts);
  const bars = Array.from(counts, (count, blocks) => {
    const tall = (count / most) * (height - 2 * margin);
    const x = margin + blocks * 24;
    const y = height - margin - tall;
    const label = `<text x="${x + bar / 2}" y="${height - margin + 14}" text-anchor="middle">${blocks}</text>`;
    return `<rect x="${x}" y="${y}" width="${bar}" height="${tall}"><title>${blocks} blocks: ${count} iterations</title></rect>${label}`; // prettier-ignore
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="10" fill="#6495ED">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    ...bars,
    `<text x="${width / 2}" y="20" text-anchor="middle" fill="black" font-size="12">iterations by number of residual blocks (${most} at most)</text>`,
    "</svg>",
    "",
  ].join("\n");
}
