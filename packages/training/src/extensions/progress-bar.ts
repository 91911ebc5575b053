import { ValueError } from "@chain/array";
import { Extension } from "../extension.js";
import { formatDuration } from "../format/duration.js";
import { formatGeneral } from "../format/general.js";
import { standardOutput, type OutputStream } from "../output-stream.js";
import type { Trainer } from "../trainer.js";
import type { TrainingLength } from "../triggers/trigger.js";

/** Options of {@link ProgressBar}. */
export interface ProgressBarOptions {
  /** How long the training is. Default: what the trainer's stop trigger says. */
  readonly trainingLength?: TrainingLength;
  /** Iterations between two looks at the progress. Default: 100. */
  readonly updateInterval?: number;
  /** Length of the bars in characters. Default: 50. */
  readonly barLength?: number;
  /** Where it is printed. Default: standard output. */
  readonly out?: OutputStream;
}

/** Where a training is. */
export interface ProgressState {
  readonly iteration: number;
  readonly epochDetail: number;
  readonly trainingLength: TrainingLength;
  /** Iterations per second. */
  readonly speed: number;
  /** Estimated seconds to the end. */
  readonly remaining: number;
}

/** Seconds between two lines where there is no terminal. */
const plainInterval = 10;
/** Seconds after which a bar on a terminal is drawn anew in any case. */
const liveInterval = 0.5;

/**
 * Shows how far the training is: on a terminal as bars that move, elsewhere as a line every ten seconds.
 */
export class ProgressBar extends Extension {
  private trainingLength: TrainingLength | null;
  private readonly updateInterval: number;
  private readonly barLength: number;
  private readonly out: OutputStream;
  private readonly recent: { iteration: number; epochDetail: number; time: number }[] = [];
  private shownAt = -Infinity;
  private drawn = false;

  constructor(options: ProgressBarOptions = {}) {
    super();
    this.trainingLength = options.trainingLength ?? null;
    this.updateInterval = options.updateInterval ?? 100;
    this.barLength = options.barLength ?? 50;
    this.out = options.out ?? standardOutput();
    if (!(this.updateInterval >= 1)) {
      throw new ValueError(`updateInterval is a positive number of iterations, got ${this.updateInterval}`);
    }
  }

  override get defaultName(): string {
    return "ProgressBar";
  }

  override initialize(trainer: Trainer): void {
    this.trainingLength ??= trainer.stopTrigger.getTrainingLength?.() ?? null;
    if (this.trainingLength === null) {
      throw new ValueError("the stop trigger does not say how long the training is: give trainingLength");
    }
    this.shownAt = trainer.elapsedTime;
  }

  override call(trainer: Trainer): void {
    const { updater, elapsedTime: now } = trainer;
    const { epochDetail, iteration } = updater;
    if (this.recent.length === 0) this.recent.push({ iteration, epochDetail, time: now });
    const waited = now - this.shownAt;
    const due = this.out.isTTY
      ? iteration % this.updateInterval === 0 || waited >= liveInterval
      : waited >= plainInterval;
    if (!due || this.trainingLength === null) return;
    this.shownAt = now;
    const state = {
      iteration,
      epochDetail,
      trainingLength: this.trainingLength,
      ...this.estimate(iteration, epochDetail, now),
    };
    if (this.out.isTTY) this.draw(progressBars(state, this.fittingLength));
    else this.out.write(`${progressLine(state)}\n`);
  }

  override finalize(): void {
    if (this.drawn) this.out.write("\u001B[J");
    this.drawn = false;
  }

  /** Length at which a line fits into the terminal; one that does not say how wide it is has 80 columns. */
  private get fittingLength(): number {
    return Math.max(1, Math.min(this.barLength, (this.out.columns || 80) - 21));
  }

  private estimate(iteration: number, epochDetail: number, time: number): { speed: number; remaining: number } {
    const [length, unit] = this.trainingLength ?? [0, "iteration"];
    const oldest = this.recent[0];
    this.recent.push({ iteration, epochDetail, time });
    if (this.recent.length > 100) this.recent.shift();
    if (oldest === undefined || time <= oldest.time) return { speed: NaN, remaining: NaN };
    const seconds = time - oldest.time;
    const speed = (iteration - oldest.iteration) / seconds;
    const remaining =
      unit === "iteration"
        ? (length - iteration) / speed
        : (length - epochDetail) / ((epochDetail - oldest.epochDetail) / seconds);
    return { speed, remaining };
  }

  /** Prints bars and takes the cursor back to their start, so that whatever is printed next replaces them. */
  private draw(lines: readonly string[]): void {
    this.out.write(`\u001B[J${lines.join("\n")}\n\u001B[${lines.length}A`);
    this.drawn = true;
  }
}

/** The bars for a terminal. */
export function progressBars(state: ProgressState, barLength: number): string[] {
  const [length, unit] = state.trainingLength;
  const total = Math.min(1, totalRate(state));
  const bar = (title: string, rate: number): string => titledBar(title, rate, barLength);
  const epoch = Math.floor(state.epochDetail);
  return [
    bar("     total", total),
    bar("this epoch", state.epochDetail - epoch),
    `${String(state.iteration).padStart(10)} iter, ${epoch} epoch / ${length} ${unit}s`,
    Number.isFinite(state.speed)
      ? `${formatGeneral(state.speed, 5).padStart(10)} iters/sec. Estimated time to finish: ${formatDuration(state.remaining)}.`
      : "",
  ];
}

/** A bar that is filled up to `rate`, from 0 to 1. */
export function titledBar(title: string, rate: number, barLength: number): string {
  const marks = "#".repeat(Math.max(0, Math.floor(rate * barLength)));
  return `${title} [${marks.padEnd(barLength, ".")}] ${percent(rate)}`;
}

/** The same in one line. */
export function progressLine(state: ProgressState): string {
  const [length, unit] = state.trainingLength;
  const epoch = Math.floor(state.epochDetail);
  const rate = Number.isFinite(state.speed)
    ? `, ${formatGeneral(state.speed, 5)} iters/sec, ${formatDuration(state.remaining)} left`
    : "";
  return `${percent(totalRate(state)).trim()}: ${state.iteration} iter, ${epoch} epoch / ${length} ${unit}s${rate}`;
}

function totalRate({ epochDetail, iteration, trainingLength: [length, unit] }: ProgressState): number {
  return (unit === "iteration" ? iteration : epochDetail) / length;
}

function percent(rate: number): string {
  return `${(100 * rate).toFixed(2)}%`.padStart(6);
}
