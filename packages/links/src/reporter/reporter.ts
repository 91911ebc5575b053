import { ValueError } from "@chain/array";
import { config } from "@chain/autograd";
import { observedValue, type Observation, type Observed } from "./observation.js";

/**
 * Collects values that someone wants to watch (Chainer's `Reporter`). Links report with {@link report}; whoever runs
 * them makes a reporter current for that time, and finds the values in its observation under names that begin with
 * those of the observers.
 *
 * ```ts
 * const reporter = new Reporter();
 * reporter.addObserver("main", model);
 * const observation: Observation = {};
 * reporter.scope(observation, () => model.forward(x, t)); // the model calls report({ loss }, this)
 * await readObservation(observation); // { "main/loss": 0.31 }
 * ```
 */
export class Reporter {
  /** Where reported values go. */
  observation: Observation = {};
  private readonly names = new Map<object, string>();

  /** Runs `body` with this reporter current and values going to `observation`; if it returns a promise, until that settles. */
  scope<T>(observation: Observation, body: () => T): T {
    const before = this.observation;
    this.observation = observation;
    current.push(this);
    return runThen(body, () => {
      current.splice(current.lastIndexOf(this), 1);
      this.observation = before;
    });
  }

  /** Names what reports: its values are called `name/key`. */
  addObserver(name: string, observer: object): void {
    this.names.set(observer, name);
  }

  /** Names several at once, as `prefix` + name, from pairs as `namedLinks()` gives them. */
  addObservers(prefix: string, observers: Iterable<readonly [name: string, observer: object]>): void {
    for (const [name, observer] of observers) this.names.set(observer, prefix + name);
  }

  /**
   * Takes values, under their own keys or, with an observer, under its name. Values on a device stay there, and outlive
   * the scope they were made in. Variables lose their graph unless `config.keepGraphOnReport`.
   *
   * @throws ValueError if the observer has not been added, or a value is not a single number.
   */
  report(values: Readonly<Record<string, Observed>>, observer: object | null = null): void {
    let prefix = "";
    if (observer !== null) {
      const name = this.names.get(observer);
      if (name === undefined) {
        throw new ValueError(
          `a ${observer.constructor.name} reported values, but is no observer of this reporter; add it with addObserver()`,
        );
      }
      prefix = `${name}/`;
    }
    for (const [key, value] of Object.entries(values)) {
      if (typeof value !== "number" && value.size !== 1) {
        throw new ValueError(`reported value "${key}" has ${value.size} elements; report a single number`);
      }
      this.observation[prefix + key] = observedValue(value, config.keepGraphOnReport);
    }
  }
}

const current: Reporter[] = [];

/** The reporter that is current, or null. */
export function getCurrentReporter(): Reporter | null {
  return current.at(-1) ?? null;
}

/** Reports values to the current reporter; without one, does nothing (Chainer's `report`). */
export function report(values: Readonly<Record<string, Observed>>, observer: object | null = null): void {
  getCurrentReporter()?.report(values, observer);
}

/** Runs `body` with the current reporter's values going to `observation` (Chainer's `report_scope`). */
export function reportScope<T>(observation: Observation, body: () => T): T {
  const reporter = getCurrentReporter();
  if (reporter === null) throw new ValueError("no reporter is current; use reporter.scope(observation, body)");
  const before = reporter.observation;
  reporter.observation = observation;
  return runThen(body, () => {
    reporter.observation = before;
  });
}

/** Runs `body`, then `after`: at once, or when the promise settles that `body` returns. */
function runThen<T>(body: () => T, after: () => void): T {
  let result: T;
  try {
    result = body();
  } catch (error) {
    after();
    throw error;
  }
  if (result instanceof Promise) return result.finally(after) as T;
  after();
  return result;
}
