import { expect, test } from "@jest/globals";
import type { Backend } from "../../src/backend.js";
import { createJsBackend } from "../../src/backends/js/index.js";
import { ConformanceError, conformanceCases, formatReport, runConformance } from "../../src/conformance/index.js";
import { registerBackend } from "../../src/device.js";
import type { Node, Program } from "../../src/kernel/program.js";

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
