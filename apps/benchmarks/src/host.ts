/**
 * Runs in a process of its own, one a contestant, so that no library disturbs another's memory, compiled code or
 * threads. Takes requests from the parent over the process channel.
 */
import type { Contestant, Session, WorkloadName } from "./contestant.js";

export type Request =
  | { readonly kind: "setup"; readonly workload: WorkloadName; readonly size: number }
  /** Runs the workload for at least `seconds`. */
  | { readonly kind: "measure"; readonly seconds: number };

export type Response =
  | { readonly kind: "ready"; readonly result: number[] }
  | { readonly kind: "unsupported" }
  | { readonly kind: "measured"; readonly secondsPerRun: number }
  | { readonly kind: "failed"; readonly message: string };

const name = process.argv[2];
const { contestant } = (await import(`./contestants/${name}.js`)) as { contestant: Contestant };
let session: Session | undefined;

async function answer(request: Request): Promise<Response> {
  if (request.kind === "setup") {
    const setup = contestant[request.workload];
    if (setup === undefined) return { kind: "unsupported" };
    session = await setup(request.size);
    const result = await session.result();
    // Compilers tier up and allocators fill their pools before anything counts.
    const end = performance.now() + 300;
    for (let i = 0; i < 3 || (performance.now() < end && i < 200); i++) await session.run();
    return { kind: "ready", result };
  }
  if (session === undefined) throw new Error("measure before setup");
  const start = performance.now();
  let runs = 0;
  let elapsed = 0;
  do {
    const pending = session.run();
    if (pending instanceof Promise) await pending;
    runs++;
    elapsed = performance.now() - start;
  } while (elapsed < request.seconds * 1000);
  return { kind: "measured", secondsPerRun: elapsed / 1000 / runs };
}

process.on("message", (request: Request) => {
  answer(request)
    .catch((error: unknown): Response => ({ kind: "failed", message: String(error) }))
    .then((response) => process.send?.(response))
    .catch(() => process.exit(1));
});
process.send?.({ kind: "ready", result: [] });
