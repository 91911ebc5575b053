import { readFileSync } from "node:fs";
import type { Script } from "./scripted.js";

/** A trigger of Chainer's, and when it fired in a scripted run. */
export interface TriggerCase {
  readonly id: string;
  readonly trigger: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly script: Script;
  readonly fired_at: readonly number[];
  readonly epoch_detail: readonly number[];
  readonly resume_at?: number;
  readonly fired_at_with_resume?: readonly number[];
  readonly stopped_at_iteration?: number;
  readonly training_length?: readonly [number, string];
}

/** An extension of Chainer's that changes a hyperparameter, and its values before and after each call. */
export interface ScheduleCase {
  readonly id: string;
  readonly extension: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly optimizer: string;
  readonly hyperparameters: Readonly<Record<string, number>>;
  readonly attr: string;
  readonly script: Script;
  readonly trigger?: readonly [number, "epoch" | "iteration"];
  readonly resume_at: number;
  readonly resume_matches: boolean;
  readonly used: readonly number[];
  readonly after: readonly number[];
  readonly used_with_resume: readonly number[];
}

/** What Chainer's LogReport logged in a scripted run. */
export interface LogReportCase {
  readonly id: string;
  readonly script: Script;
  readonly trigger: readonly [number, "epoch" | "iteration"];
  readonly entries: readonly Readonly<Record<string, number>>[];
}

/** Results of Chainer 7.8.1. */
export const golden = JSON.parse(readFileSync(new URL("../golden/schedules.json", import.meta.url), "utf8")) as {
  readonly schedules: readonly ScheduleCase[];
  readonly triggers: readonly TriggerCase[];
  readonly log_reports: readonly LogReportCase[];
};

/** Chainer's keyword arguments as an options object. */
export function camelCased(kwargs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(kwargs).map(([key, value]) => [
      key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}
