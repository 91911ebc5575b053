/** What a trainer repeats. */
export { BPTTUpdater, type BPTTUpdaterOptions } from "./bptt-updater.js";
export { StandardUpdater, type StandardUpdaterOptions } from "./standard-updater.js";
export { Updater } from "./updater.js";
