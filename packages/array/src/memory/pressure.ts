/**
 * Arrays outside scopes are freed by the garbage collector, which does not see how much memory hangs on its small
 * objects, and whose finalizers run only when the event loop turns. A loop that makes arrays outside scopes and reads
 * one now and then would grow without need; reading is where it can be helped.
 */
import { findCollector } from "#platform";
import { liveBytes } from "./storage.js";

/** Growth since the last relief that is put up with. */
const tolerated = 256 * 2 ** 20;

let baseline = 0;

/** If much has been allocated since the last time: collects garbage (in Node) and lets finalizers run. */
export async function relieveMemory(): Promise<void> {
  if (liveBytes() < 2 * baseline + tolerated) return;
  collectGarbage();
  // Finalizers are tasks of the event loop; a promise alone would not let them in.
  await new Promise<void>((resolve) => setTimeout(resolve));
  baseline = liveBytes();
}

let collect: (() => void) | null | undefined;

function collectGarbage(): void {
  if (collect === undefined) collect = findCollector();
  collect?.();
}
