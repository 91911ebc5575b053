import { ChainError } from "@chain/array";

const signals = { SIGINT: 2, SIGTERM: 15 } as const;

/** Signals that stop a training at the end of an iteration. */
export type StopSignal = keyof typeof signals;

/**
 * Thrown by `trainer.run({ handleSignals: true })` when the user has interrupted the training: the iteration was
 * finished, snapshots were taken, extensions were finalized.
 */
export class TrainingInterrupted extends ChainError {
  override readonly name = "TrainingInterrupted";
  /** Exit status that programs stopped by this signal have: 130 after Ctrl-C. */
  readonly exitCode: number;

  constructor(readonly signal: StopSignal) {
    super(`the training was interrupted by ${signal}`);
    this.exitCode = 128 + signals[signal];
  }
}

/** Notes the first signal; the second one ends the program as it would without anybody listening. */
export class SignalListener {
  /** The signal that came, if any. */
  received: StopSignal | null = null;
  private readonly handlers = new Map<StopSignal, () => void>();

  /** Starts listening, where there are signals (Node). */
  constructor() {
    if (typeof process !== "object" || typeof process.on !== "function") return;
    for (const signal of Object.keys(signals) as StopSignal[]) {
      const handler = (): void => {
        this.received = signal;
        this.close();
      };
      this.handlers.set(signal, handler);
      process.on(signal, handler);
    }
  }

  /** Stops listening. */
  close(): void {
    for (const [signal, handler] of this.handlers) process.off(signal, handler);
    this.handlers.clear();
  }
}
