/**
 * Runs in a process of its own, one a contestant, so that no library disturbs another's memory, compiled code or
 * threads. Takes requests from the parent over the process channel.
 */
import { readFileSync } from "node:fs";
import type { Contestant, Session, WorkloadName } from "./contestant.js";

/** Which part of the time counts: until the work is done, or until it has been handed over. */
export type Clock = "device" | "host";

export type Request =
  | { readonly kind: "setup"; readonly workload: WorkloadName; readonly size: number }
  /** Runs the workload for about `seconds`. */
  | { readonly kind: "measure"; readonly seconds: number; readonly clock: Clock };

export type Response =
  | { readonly kind: "ready"; readonly result: number[] }
  | { readonly kind: "unsupported" }
  | { readonly kind: "measured"; readonly secondsPerRun: number }
  | { readonly kind: "failed"; readonly message: string };

const name = process.argv[2];
const { contestant } = (await import(`./contestants/${name}.js`)) as { contestant: Contestant };
let session: Session | undefined;
/** Milliseconds that a run takes, as far as is known: runs are timed in batches, since asking a device for each costs time. */
let expected: number | undefined;

/** Runs a batch; milliseconds of one run. */
async function batch(work: Session, runs: number, clock: Clock): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < runs; i++) {
    const pending = work.run();
    if (pending instanceof Promise) await pending;
  }
  const handedOver = performance.now();
  await work.finish?.();
  return ((clock === "host" ? handedOver : performance.now()) - start) / runs;
}

/** Compilers tier up and allocators fill their pools before anything counts: V8's take a second or two, in threads of their own. */
async function warmUp(work: Session): Promise<number> {
  const end = performance.now() + 1000;
  let milliseconds = await batch(work, 1, "device");
  for (let i = 1; i < 3 || (performance.now() < end && i < 1000); i++) milliseconds = await batch(work, 1, "device");
  return milliseconds;
}

async function answer(request: Request): Promise<Response> {
  if (request.kind === "setup") {
    const setup = contestant[request.workload];
    if (setup === undefined) return { kind: "unsupported" };
    session = await setup(request.size);
    expected = undefined;
    return { kind: "ready", result: await session.result() };
  }
  if (session === undefined) throw new Error("measure before setup");
  expected ??= await warmUp(session);
  const runs = Math.max(1, Math.min(100_000, Math.round((1000 * request.seconds) / expected)));
  const milliseconds = await batch(session, runs, request.clock);
  if (request.clock === "device") expected = milliseconds;
  return { kind: "measured", secondsPerRun: milliseconds / 1000 };
}

/** What a process that does one workload once prints. */
export type Once =
  | { readonly kind: "done"; readonly result: number[]; readonly peakBytes: number }
  | { readonly kind: "unsupported" };

/** Does a workload once: for what a process costs that does nothing else. */
async function once(workload: WorkloadName, size: number): Promise<Once> {
  const result = await (await contestant[workload]?.(size))?.result();
  return result === undefined ? { kind: "unsupported" } : { kind: "done", result, peakBytes: peakBytes() };
}

/** The largest resident size so far. Linux counts this process alone only here; elsewhere its parent's may be in it. */
function peakBytes(): number {
  try {
    return 1024 * Number(/VmHWM:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
  } catch {
    return 1024 * process.resourceUsage().maxRSS;
  }
}

const [workload, size] = process.argv.slice(3);
if (workload !== undefined) {
  const line = `${JSON.stringify(await once(workload as WorkloadName, Number(size)))}\n`;
  process.stdout.write(line, () => process.exit());
}

process.on("message", (request: Request) => {
  answer(request)
    .catch((error: unknown): Response => ({ kind: "failed", message: String(error) }))
    .then((response) => process.send?.(response))
    .catch(() => process.exit(1));
});
if (workload === undefined) process.send?.({ kind: "ready", result: [] });
