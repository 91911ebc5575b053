import { type ChainError, DeviceError } from "../../errors.js";

/**
 * What went wrong on a GPU, which tells only later: the first failure is thrown by the next call that allocates, reads or
 * synchronizes. A lost device fails every call.
 */
export class Failures {
  /** Why the device is gone, if it is. */
  lost: DeviceError | null = null;
  private first: ChainError | null = null;
  private readonly answers = new Set<Promise<void>>();

  constructor(private readonly device: GPUDevice) {
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      // Work on a lost device fails in many ways, all of which say less than that it is lost.
      this.record(new DeviceError(`webgpu: ${event.error.message}`));
    });
    void device.lost.then(({ reason, message }) => {
      this.lost = new DeviceError(
        `webgpu: the device was lost (${reason}${message === "" ? "" : `: ${message}`}), and the arrays on it with it. ` +
          'closeDevice("webgpu"), then await openDevice("webgpu") gives a new one.',
      );
    });
  }

  /** Keeps a failure for the next {@link check}, unless there is one already. */
  record(failure: ChainError): void {
    this.first ??= failure;
  }

  /** Runs calls on the device; when it turns out that they failed, `explain` makes the error. */
  guard<T>(filter: GPUErrorFilter, calls: () => T, explain: (message: string) => ChainError | Promise<ChainError>): T {
    this.device.pushErrorScope(filter);
    const result = calls();
    const answer = this.device
      .popErrorScope()
      .then(async (error) => {
        if (error !== null) this.precede(await explain(error.message));
      })
      // A lost device answers nothing.
      .catch(() => undefined)
      .finally(() => this.answers.delete(answer));
    this.answers.add(answer);
    return result;
  }

  /** Waits for the answers that are due. */
  async settle(): Promise<void> {
    while (this.answers.size > 0) await Promise.all(this.answers);
  }

  /** Throws what went wrong, once. */
  check(): void {
    if (this.lost !== null) throw this.lost;
    const { first } = this;
    if (first === null) return;
    this.first = null;
    throw first;
  }

  /** What is explained here is the cause of what was recorded in the meantime. */
  private precede(failure: ChainError): void {
    this.first = failure;
  }
}
