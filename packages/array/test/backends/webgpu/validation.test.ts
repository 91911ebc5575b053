/**
 * Shaders for what software GPUs have not (float16 in shaders, subgroups of 32), looked at by Dawn's compiler: its null device
 * takes everything, and computes nothing.
 */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { WebGpuBackend } from "../../../src/backends/webgpu/backend.js";
import { compileProgram } from "../../../src/backends/webgpu/launcher.js";
import { lookupTable, quadTable, tileTables } from "../../../src/backends/webgpu/matmul-table.js";
import { partsOf, type chooseProduct } from "../../../src/backends/webgpu/product-method.js";
import { gpuRoutines } from "../../../src/backends/webgpu/routines.js";
import { ParameterLayout } from "../../../src/backends/webgpu/wgsl/operands.js";
import {
  argmax,
  convolution,
  convolutionGradInput,
  convolutionGradWeight,
  empty,
  matmulInto,
  max,
  openDevice,
  profileKernels,
  registerBackend,
  sum,
  swapaxes,
  type NdArray,
} from "../../../src/index.js";
import { rowwise } from "../../../src/kernel/index.js";
import { div, exp, sub } from "../../../src/kernel/ops.js";

interface Dawn {
  readonly create: (options: string[]) => GPU;
}

let instance: GPU;
const devices: GPUDevice[] = [];

beforeAll(async () => {
  const dawn = (await import("webgpu")) as Dawn;
  instance = dawn.create(["backend=null", "enable-dawn-features=allow_unsafe_apis"]);
});

afterAll(() => {
  for (const device of devices) device.destroy();
});

/** A backend of its own, registered under a name; kernels are compiled anew for each. */
async function open(name: string): Promise<WebGpuBackend> {
  const adapter = await instance.requestAdapter();
  if (adapter === null) throw new Error("Dawn has no null adapter");
  const device = await adapter.requestDevice({ requiredFeatures: ["shader-f16", "subgroups"] });
  devices.push(device);
  const backend = new WebGpuBackend(device, { name, kind: "discrete" });
  registerBackend(name, () => backend);
  await openDevice(name);
  return backend;
}

const ways: [string, typeof chooseProduct][] = [
  ...tileTables.discrete.flatMap(({ tiles }) =>
    [1, 3].map((parts): [string, typeof chooseProduct] => [
      `${tiles.rows}×${tiles.columns} by tiles, ${parts} parts`,
      (_, { depth }, { a, b }) => ({ method: { by: "tiles", tiles, a, b }, ...partsOf(depth, parts, tiles.depth) }),
    ]),
  ),
  ...[...quadTable, ...lookupTable].map(({ tiles }): [string, typeof chooseProduct] => [
    `${tiles.rows}×${4 * tiles.fours} by quads`,
    (_, { depth }) => ({ method: { by: "quads", tiles, exchange: true }, parts: 1, part: depth }),
  ]),
];

describe("float16 of shaders", () => {
  test.each(ways)("products %s", async (device, choose) => {
    const backend = await open(device);
    const array = (...shape: number[]): NdArray => empty(shape, { dtype: "float16", device });
    expect(backend.adapter.halves).toBe(true);
    backend.routines = gpuRoutines(backend, choose);
    const bias = array(12);
    for (const a of [array(8, 16), swapaxes(array(16, 8), 0, 1), array(8, 17).view([8, 16], [17, 1], 1)]) {
      for (const b of [array(16, 12), swapaxes(array(12, 16), 0, 1)]) {
        matmulInto(a, b, { bias, activation: "relu" });
        matmulInto(a, b, { accumulate: true, out: array(8, 12) });
      }
    }
    const [x, w] = [array(2, 4, 9, 9), array(6, 4, 3, 3)];
    const y = convolution(x, w, { pad: 1, bias: array(6) });
    convolutionGradInput(y, w, [9, 9], { pad: 1 });
    convolutionGradWeight(x, y, [3, 3], { pad: 1 });
    await backend.synchronize();
  });
});

describe("teams", () => {
  const normalize = rowwise("validation_softmax", (row, x) => {
    const e = exp(sub(x, row.max(x)));
    return div(e, row.sum(e));
  });

  // A team in one subgroup, two teams in one, and what can be either.
  test.each([
    [32, 32],
    [64, 64],
    [4, 128],
  ])("subgroups of %d to %d", async (least, most) => {
    const name = `subgroups of ${least} to ${most}`;
    const backend = await open(name);
    const adapter = { ...backend.adapter, subgroups: { min: least, max: most } };
    const { stream, pool, pipelines } = backend;
    backend.compile = (program) => compileProgram(program, { stream, pool, pipelines, adapter });
    for (const length of [100, 5000, 200_000]) {
      for (const dtype of ["float32", "int32", "bool"] as const) {
        const x = empty([3, length], { dtype, device: name });
        sum(x, { axis: 1 });
        max(x, { axis: 1 });
        argmax(x, { axis: 1 });
        if (dtype === "float32") normalize(x);
      }
    }
    await backend.synchronize();
  });

  test("a shader that is wrong is found", async () => {
    const backend = await open("wrong");
    backend.pipelines.make("wrong", { source: "fn main() { nothing }", bindings: [], layout: new ParameterLayout() });
    await expect(backend.synchronize()).rejects.toThrow(/does not compile/);
  });
});

test("a device without a clock says so", async () => {
  const backend = await open("clockless");
  expect(() => backend.profile()).toThrow(/does not tell times/);
  await expect(profileKernels(() => undefined, { device: "clockless" })).rejects.toThrow(/timestamp queries/);
});
