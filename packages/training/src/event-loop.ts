import { keepPace } from "@chain/array";

/**
 * Lets timers, signals, finalizers and the page have their turn now and then in a loop that would otherwise never
 * return to the event loop.
 */
export class Breather {
  private last = performance.now();

  /** @param interval milliseconds between two pauses */
  constructor(private readonly interval = 20) {}

  /** Whether it is time for a {@link pause}. */
  get due(): boolean {
    return performance.now() - this.last >= this.interval;
  }

  /** Waits for one turn of the event loop, and for devices that are far behind. */
  async pause(): Promise<void> {
    await turn();
    await keepPace();
    this.last = performance.now();
  }
}

function turn(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => void setImmediate(resolve));
  // A timer would be held back by browsers; a message is not.
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}
