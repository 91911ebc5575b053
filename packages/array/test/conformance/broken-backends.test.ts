import { expect, test } from "@jest/globals";
import type { Backend, Executable } from "../../src/backend.js";
import { createJsBackend } from "../../src/backends/js/index.js";
import { ConformanceError, conformanceCases, formatReport, runConformance } from "../../src/conformance/index.js";
import { registerBackend } from "../../src/register-backend.js";
import { DeviceError, ValueError } from "../../src/errors.js";
import type { Node, Program, RowwiseProgram } from "../../src/kernel/program.js";

/** Runs all cases whose name starts so, and tells what came of each. */
async function outcomes(backend: Backend, prefix: string): Promise<Map<string, string>> {
  registerBackend(backend.name, () => backend);
  const found = new Map<string, string>();
  for (const { name, run } of conformanceCases(backend.name).filter((item) => item.name.startsWith(prefix))) {
    try {
      found.set(name, await run());
    } catch (error) {
      found.set(name, error instanceof ConformanceError ? "failed" : String(error));
    }
  }
  return found;
}

/** The reference backend with one operation replaced by another. */
function confusing(name: string, from: string, to: string): Backend {
  const js = createJsBackend();
  const change = (node: Node): Node => {
    const args = "args" in node ? (node.args as readonly Node[]).map(change) : undefined;
    const changed = args === undefined ? node : ({ ...node, args } as Node);
    return changed.kind === "op" && changed.op === from ? ({ ...changed, op: to } as Node) : changed;
  };
  const compile = (program: Program) =>
    js.compile(program.kind === "elementwise" ? { ...program, body: program.body.map(change) } : program);
  return { ...js, name, compile };
}

test("a backend that computes one operation wrongly fails that operation's cases", async () => {
  const found = await outcomes(confusing("sinh-for-tanh", "tanh", "sinh"), "operation tan");
  expect(found.get("operation tanh of float32")).toBe("failed");
  expect(found.get("operation tanh of float64")).toBe("failed");
  expect(found.get("operation tan of float32")).toBe("passed");
});

test("a backend that takes less for less or equal is found out", async () => {
  const found = await outcomes(confusing("le-for-lt", "lt", "le"), "operation l");
  expect(found.get("operation lt of int32")).toBe("failed");
  expect(found.get("operation le of int32")).toBe("passed");
});

test("a backend that rounds too coarsely is found out", async () => {
  const js = createJsBackend();
  const coarse: Backend = {
    ...js,
    name: "coarse",
    read: async (buffer, offset, bytes) => {
      const data = await js.read(buffer, offset, bytes);
      // The last four bits of every fraction are lost.
      for (let i = 0; i < data.length; i += 4) data[i] = (data[i] as number) & 0xf0;
      return data;
    },
  };
  expect((await outcomes(coarse, "operation exp of float32")).get("operation exp of float32")).toBe("failed");
});

test("a backend that ignores strides fails the layouts, not contiguous arrays", async () => {
  const js = createJsBackend();
  const flat: Backend = {
    ...js,
    name: "flat",
    compile: (program) => {
      const run = js.compile(program);
      if (run === null) return null;
      return (launch) => run({ ...launch, strides: launch.strides?.map((s) => s.map((v) => Math.abs(v))) ?? null });
    },
  };
  const found = await outcomes(flat, "layout: ");
  expect(found.get("layout: reversed of float32")).toBe("failed");
  expect(found.get("layout: contiguous of float32")).toBe("passed");
});

test("a backend whose matrix product forgets the bias is found out", async () => {
  const js = createJsBackend();
  const forgetful: Backend = {
    ...js,
    name: "forgetful",
    routines: {
      matmul: (_a, _b, out) => {
        js.write(out.storage.buffer, 0, new Uint8Array(out.nbytes));
        return true;
      },
    },
  };
  const found = await outcomes(forgetful, "matmul: bias");
  expect([...found.values()]).toEqual(["failed"]);
});

test("a backend that stores results per row before the row's elements is found out", async () => {
  const js = createJsBackend();
  /** Only some of the results of a program. */
  const part = (program: RowwiseProgram, per: "row" | "element"): Executable => {
    const kept = <T>(all: readonly T[]): T[] => all.filter((_, i) => program.per[i] === per);
    const { outputs, body } = program;
    const run = js.compile({ ...program, outputs: kept(outputs), body: kept(body), per: kept(program.per) });
    return (launch) => {
      const strides = launch.strides && [...kept(launch.strides), ...launch.strides.slice(outputs.length)];
      run?.({ ...launch, outputs: kept(launch.outputs), strides });
    };
  };
  const hasty: Backend = {
    ...js,
    name: "hasty",
    compile: (program) => {
      if (program.kind !== "rowwise" || new Set(program.per).size === 1) return js.compile(program);
      const parts = [part(program, "row"), part(program, "element")];
      return (launch) => parts.forEach((run) => run(launch));
    },
  };
  const found = await outcomes(hasty, "rowwise: ");
  const failed = [...found].filter(([, outcome]) => outcome !== "passed");
  expect(failed).toEqual([["rowwise: in place, where a result per row is an input, too", "failed"]]);
});

test("a backend that does not round numbers to float32 is found out", async () => {
  const js = createJsBackend();
  const unrounded: Backend = {
    ...js,
    name: "unrounded",
    compile: (program) =>
      js.compile({ ...program, scalars: program.scalars.map((type) => (type === "float32" ? "float64" : type)) }),
  };
  for (const kind of ["elementwise", "reduction", "rowwise"]) {
    const name = `${kind}: numbers are rounded to float32`;
    expect(await outcomes(unrounded, name)).toEqual(new Map([[name, "failed"]]));
  }
});

test("a backend that reads into the middle of memory, or too much, is found out", async () => {
  const js = createJsBackend();
  const name = "memory: what is read starts at a multiple of 8, wherever it was";
  const shifted = (buffer: unknown, offset: number, bytes: number): Uint8Array<ArrayBuffer> => {
    const data = new Uint8Array(new ArrayBuffer(bytes + 4), 4, bytes);
    data.set((buffer as Uint8Array).subarray(offset, offset + bytes));
    return data;
  };
  const broken: Partial<Backend>[] = [
    { read: (...args) => Promise.resolve(shifted(...args)) },
    { readSync: shifted },
    { read: (buffer, offset, bytes) => js.read(buffer, offset, Math.ceil(bytes / 8) * 8) },
    { hostBytes: (buffer) => shifted(buffer, 0, (buffer as Uint8Array).length) },
  ];
  for (const [i, members] of broken.entries()) {
    expect(await outcomes({ ...js, ...members, name: `unaligned-${i}` }, name)).toEqual(new Map([[name, "failed"]]));
  }
});

test("a backend that has no end of memory, or another error for it, is found out", async () => {
  const js = createJsBackend();
  const name = "memory: more than there is, and the device goes on";
  const broken: Backend["allocate"][] = [
    (bytes) => js.allocate(Math.min(bytes, 2 ** 20)),
    (bytes) => {
      if (bytes > 2 ** 30) throw new DeviceError("no memory");
      return js.allocate(bytes);
    },
  ];
  for (const [i, allocate] of broken.entries()) {
    expect(await outcomes({ ...js, allocate, name: `endless-${i}` }, name)).toEqual(new Map([[name, "failed"]]));
  }
});

/** The reference backend behind a queue: nothing happens before somebody waits for it. */
function queued(name: string): Backend {
  const js = createJsBackend();
  const queue: (() => void)[] = [];
  const drain = (): void => queue.splice(0).forEach((command) => command());
  const backend: Backend = {
    ...js,
    name,
    free: (buffer) => void queue.push(() => scribble(buffer)),
    write: (buffer, offset, data) => {
      const copy = data.slice();
      queue.push(() => js.write(buffer, offset, copy));
    },
    read: (buffer, offset, bytes) => {
      drain();
      return js.read(buffer, offset, bytes);
    },
    compile: (program) => {
      const run = js.compile(program);
      return run && ((launch) => void queue.push(() => run(launch)));
    },
    synchronize: () => Promise.resolve(drain()),
    pace: () => (queue.length > 100 ? new Promise((resolve) => setTimeout(() => resolve(drain()))) : null),
  };
  delete backend.hostBytes;
  delete backend.readSync;
  return backend;
}

function scribble(buffer: unknown): void {
  (buffer as Uint8Array).fill(0x5a);
}

test("a backend with a queue that takes memory back too early, or does not wait, is found out", async () => {
  const right = await outcomes(queued("queued"), "memory: ");
  expect([...right].filter(([, outcome]) => outcome !== "passed")).toEqual([]);

  const early = { ...queued("early"), free: scribble };
  const freed = "memory: a freed buffer that was complete stays intact for work on it";
  expect((await outcomes(early, freed)).get(freed)).toBe("failed");

  const impatient = { ...queued("impatient"), synchronize: () => Promise.resolve() };
  const waiting = "memory: nothing is queued any more when synchronize resolves";
  expect((await outcomes(impatient, waiting)).get(waiting)).toBe("failed");
});

test("a filter that no case's name starts with is an error, not a success", async () => {
  await expect(runConformance("js", "no such case")).rejects.toThrow(ValueError);
  await expect(runConformance("js", "no such case")).rejects.toThrow(/starts with "no such case"/);
  expect((await runConformance("js", "memory: buffers of no bytes")).passed).toEqual(["memory: buffers of no bytes"]);
});

test("cases about dtypes that a backend has not are skipped, and reported so", async () => {
  const narrow: Backend = { ...createJsBackend(), name: "narrow", supports: (dtype) => dtype !== "float64" };
  const found = await outcomes(narrow, "operation add");
  expect(found.get("operation add of float64")).toBe("skipped");
  expect(found.get("operation add of float32")).toBe("passed");
});

test("backends of few dtypes pass what is about those, and the report says why the rest is unsupported", async () => {
  const supports = (dtype: string): boolean => dtype === "float32";
  registerBackend("floats", () => ({ ...createJsBackend(), name: "floats", supports }));
  const report = await runConformance("floats", "operation");
  expect(report.failed).toEqual([]);
  expect(report.passed).toContain("operation exp of float32");
  const reasons = new Map(report.unsupported.map(({ name, reason }) => [name, reason]));
  expect(reasons.get("operation lt of uint8")).toBe("no arrays of bool, uint8");
  expect(reasons.get("operation where of float32")).toBe("no arrays of bool");
  expect(formatReport(report)).toMatch(
    /^floats: \d+ passed, 0 failed, \d+ unsupported\n {2}\d+ unsupported: no arrays of /,
  );
});

test("a report tells what failed", async () => {
  registerBackend("sinh", () => ({ ...confusing("sinh", "tanh", "sinh") }));
  const report = await runConformance("sinh", "operation tanh of float32");
  expect(formatReport(report)).toMatch(
    /^FAILED operation tanh of float32: element \d+ .*expected .*got .*\nsinh: 0 passed, 1 failed/,
  );
});

test("an unknown device is an error", async () => {
  await expect(conformanceCases("nowhere")[0]?.run()).rejects.toThrow(/unknown device "nowhere"/);
});
