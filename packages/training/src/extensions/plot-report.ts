import { ValueError } from "@chain/array";
import { DictSummary } from "@chain/links";
import { writeFileAtomically, type AbstractSerializer } from "@chain/links/serializers";
import { Extension } from "../extension.js";
import { fileSystem } from "../files.js";
import { curvesSvg } from "../format/curves-svg.js";
import { decodeJson, encodeJson } from "../format/json.js";
import type { Trainer } from "../trainer.js";
import { getTrigger } from "../triggers/get-trigger.js";
import type { Trigger, TriggerLike } from "../triggers/trigger.js";

/** Options of {@link PlotReport}. */
export interface PlotReportOptions {
  /** What is on the horizontal axis: `"iteration"` (the default), `"epoch"`, or the key of an observed value. */
  readonly xKey?: string;
  /** When a point is added and the picture drawn anew. Default: every epoch. */
  readonly trigger?: TriggerLike;
  /** Name of the SVG file in the output folder. Default: `"plot.svg"`. */
  readonly filename?: string;
  /** What marks the points. Default: `"x"`. */
  readonly marker?: "x" | "o" | null;
  /** Whether there are lines behind the curves. Default: true. */
  readonly grid?: boolean;
}

type Point = Readonly<Record<string, number>>;

/** Draws the course of observed values, averaged between two firings of its trigger, as an SVG picture. */
export class PlotReport extends Extension {
  private readonly yKeys: readonly string[];
  private readonly xKey: string;
  private readonly emit: Trigger;
  private readonly filename: string;
  private readonly marker: "x" | "o" | null;
  private readonly grid: boolean;
  private readonly summary = new DictSummary();
  private points: Point[] = [];

  /** @param yKeys keys of the observed values to draw */
  constructor(yKeys: string | Iterable<string>, options: PlotReportOptions = {}) {
    super();
    this.yKeys = typeof yKeys === "string" ? [yKeys] : [...yKeys];
    this.xKey = options.xKey ?? "iteration";
    this.emit = getTrigger(options.trigger === undefined ? [1, "epoch"] : options.trigger);
    this.filename = options.filename ?? "plot.svg";
    this.marker = options.marker === undefined ? "x" : options.marker;
    this.grid = options.grid ?? true;
    if (!this.filename.endsWith(".svg")) {
      throw new ValueError(`PlotReport draws SVG: call the file something.svg instead of "${this.filename}"`);
    }
  }

  override get defaultName(): string {
    return "PlotReport";
  }

  override async call(trainer: Trainer): Promise<void> {
    for (const key of [...this.yKeys, this.xKey]) {
      const value = trainer.observation[key];
      if (value !== undefined) this.summary.add({ [key]: value });
    }
    if (!trainer.isBeforeTraining && !(await this.emit.call(trainer))) return;
    const { epoch, iteration } = trainer.updater;
    this.points.push({ epoch, iteration, ...(await this.summary.computeMean()) });
    this.summary.dispose();
    const curves = this.yKeys.map((name) => ({ name, points: this.curve(name) }));
    if (curves.every((curve) => curve.points.length === 0)) return;
    const { path } = await fileSystem();
    const svg = await curvesSvg(curves, { xLabel: this.xKey, grid: this.grid, marker: this.marker });
    await writeFileAtomically(path.join(trainer.out, this.filename), svg);
  }

  override serialize(serializer: AbstractSerializer): void {
    const key = `_plot_${this.filename}`;
    // Snapshots of Chainer's hold another picture's points in another form.
    if (!serializer.has(key)) return;
    this.emit.serialize?.(serializer.child("_trigger"));
    this.summary.serialize(serializer.child("_summary"));
    this.points = decodeJson(serializer.value(key, encodeJson(this.points))) as Point[];
  }

  private curve(name: string): [number, number][] {
    return this.points.flatMap((point) => {
      const [x, y] = [point[this.xKey], point[name]];
      return x === undefined || y === undefined ? [] : [[x, y] as [number, number]];
    });
  }
}
