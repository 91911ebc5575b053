import { ChainError } from "@chain/array";

/**
 * Thrown where an example is asked for that a worker could not load: because the data set has thrown an error, which is
 * the `cause` and has its stack in the worker, or because the worker has ended.
 */
export class WorkerError extends ChainError {
  override readonly name: string = "WorkerError";

  /** @param index position in the data set of the example that was being loaded; null if it was none */
  constructor(
    message: string,
    readonly index: number | null,
    options: ErrorOptions = {},
  ) {
    super(message, options);
  }
}

/** Thrown where an example is asked for that a worker has been loading for too long. */
export class WorkerTimeout extends WorkerError {
  override readonly name = "WorkerTimeout";
}
