import { describe, expect, test } from "@jest/globals";
import { Sharing, type Helpers } from "../../../../src/backends/cpu/threads/sharing.js";

const microsecond = 1000;

/** Work of a program, in microseconds, with pauses between; what of it was shared, and by whom. Workers sleep after 50 µs. */
class Program {
  readonly sharing = new Sharing();
  time = 0;
  awakeUntil = 0;

  work(duration: number): Helpers {
    const awake = this.time < this.awakeUntil;
    const helpers = this.sharing.helpers(duration * microsecond, awake, () => this.time / 1000);
    this.time += helpers === "nobody" ? duration : duration / 2;
    if (helpers !== "nobody") this.awakeUntil = this.time + 50;
    return helpers;
  }

  pause(duration: number): void {
    this.time += duration;
  }
}

describe("who helps", () => {
  test("nobody with what takes a few microseconds, however often and whoever is awake", () => {
    const program = new Program();
    for (let i = 0; i < 1000; i++) expect(program.work(5)).toBe("nobody");
    expect(program.work(200)).toBe("all");
    expect(program.work(5)).toBe("nobody");
  });

  test("everybody with what takes long, asleep or not", () => {
    const program = new Program();
    for (const pause of [0, 20, 1000]) {
      expect(program.work(300)).toBe("all");
      program.pause(pause);
    }
  });

  test("who is awake, with what is not worth waking anybody up for", () => {
    const program = new Program();
    program.work(300);
    expect(program.work(30)).toBe("awake");
    program.pause(1000);
    expect(program.work(30)).toBe("nobody");
  });

  test("small work that keeps coming wakes workers up, and sooner the next time", () => {
    const program = new Program();
    const untilWoken = (): number => {
      let count = 0;
      while (program.work(20) === "nobody") count++;
      for (let i = 0; i < 20; i++) expect(program.work(20)).toBe("awake");
      program.pause(1000);
      return count;
    };
    const counts = Array.from({ length: 6 }, untilWoken);
    expect(counts[0]).toBeGreaterThan(1);
    expect(counts.at(-1)).toBe(0);
    expect([...counts].sort((a, b) => b - a)).toEqual(counts);
  });

  test("small work with long pauses wakes nobody up", () => {
    const program = new Program();
    for (let i = 0; i < 1000; i++) {
      expect(program.work(40)).toBe("nobody");
      program.pause(200);
    }
  });

  test("a program in which it does not pay soon wakes up hardly anybody", () => {
    const program = new Program();
    let woken = 0;
    for (let step = 0; step < 1000; step++) {
      // The fourth piece of work wakes workers up, and then there is nothing left to share.
      for (let i = 0; i < 4; i++) if (program.work(20) === "all") woken++;
      program.pause(1000);
    }
    expect(woken).toBe(1);
  });

  test("and is given another chance", () => {
    const program = new Program();
    for (let step = 0; step < 100; step++) {
      for (let i = 0; i < 4; i++) program.work(20);
      program.pause(1000);
    }
    const helpers = Array.from({ length: 500 }, () => program.work(20));
    expect(helpers.filter((who) => who !== "nobody").length).toBeGreaterThan(400);
  });
});
