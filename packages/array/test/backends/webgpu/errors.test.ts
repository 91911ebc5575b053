import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { WebGpuBackend } from "../../../src/backends/webgpu/backend.js";
import { BufferPool } from "../../../src/backends/webgpu/buffer-pool.js";
import { Failures } from "../../../src/backends/webgpu/failures.js";
import { ParameterLayout } from "../../../src/backends/webgpu/wgsl/operands.js";
import { add, array, closeDevice, matmul, memoryInfo, ones, openDevice, zeros } from "../../../src/index.js";
import { describeGpu } from "./gpu.js";

const device = "webgpu";
let backend: WebGpuBackend;

async function open(): Promise<void> {
  const opened = await openDevice(device);
  if (!(opened instanceof WebGpuBackend)) throw new Error("another backend is registered as webgpu");
  backend = opened;
}

/** What still has to work after every failure. */
async function goesOn(): Promise<void> {
  const x = array([1, 2, 3], { device });
  expect(await add(x, 1).tolist()).toEqual([2, 3, 4]);
}

describeGpu("what WebGPU cannot do", () => {
  beforeEach(open);
  afterEach(goesOn);

  test("float64 is refused with what to use instead", () => {
    expect(() => zeros([2], { device, dtype: "float64" })).toThrow(
      expect.objectContaining({ name: "DeviceError", message: expect.stringMatching(/no float64; use float32/) }),
    );
  });

  test("reading at once is refused", () => {
    expect(() => ones([2], { device }).dataSync()).toThrow(/cannot be read synchronously; await data\(\)/);
  });

  test("an array larger than a buffer may be is refused before anything is allocated", () => {
    const before = memoryInfo()[device];
    expect(() => zeros([2 ** 40], { device })).toThrow(
      expect.objectContaining({
        name: "OutOfMemoryError",
        message: expect.stringMatching(/4398046511104 bytes.*at most/),
      }),
    );
    expect(memoryInfo()[device]).toEqual(before);
  });

  test("operands on two devices are refused", () => {
    expect(() => add(ones([2], { device }), ones([2], { device: "cpu" }))).toThrow(/different devices/);
  });
});

describeGpu("what the GPU reports later", () => {
  beforeEach(open);
  afterEach(goesOn);

  test("a shader that does not compile: the kernel, the line and what is wrong with it", async () => {
    const layout = new ParameterLayout();
    const source = [
      "@group(0) @binding(1) var<storage, read_write> m0: array<f32>;",
      "@compute @workgroup_size(1)",
      "fn main() {",
      "  m0[0] = nonsense(1.0);",
      "}",
    ].join("\n");
    const bindings = [{ dtype: "float32", written: true, atomic: false }] as const;
    const pipeline = backend.pipelines.make("broken(float32)", { source, bindings, layout });
    const x = ones([3], { device });
    // Running it poisons the commands that it is among; the cause is what is told.
    backend.stream.parameters(pipeline.parameterBytes);
    backend.stream.dispatch(pipeline, [x.storage.buffer as never], 1);
    await expect(x.data()).rejects.toMatchObject({
      name: "KernelError",
      message: expect.stringMatching(/"broken\(float32\)" does not compile.*line 4.*nonsense/s),
    });
    // Told once.
    await backend.synchronize();
  });

  test("a call that WebGPU does not allow", async () => {
    backend.device.createBuffer({ size: 16, usage: 0xffff });
    await expect(backend.synchronize()).rejects.toMatchObject({ name: "DeviceError" });
    await backend.synchronize();
  });
});

test("no memory for a buffer is told by the next call that looks, and the buffer is not used again", async () => {
  let created = 0;
  let destroyed = 0;
  const refusals: (object | null)[] = [null, { message: "vkAllocateMemory failed" }];
  const fake = {
    limits: { maxBufferSize: 2 ** 40, maxStorageBufferBindingSize: 2 ** 40 },
    lost: new Promise(() => undefined),
    addEventListener: () => undefined,
    pushErrorScope: () => undefined,
    popErrorScope: () => Promise.resolve(refusals.shift() ?? null),
    createBuffer: () => ({ number: created++, destroy: () => destroyed++ }),
  } as unknown as GPUDevice;
  const failures = new Failures(fake);
  const pool = new BufferPool(fake, failures);
  const spare = pool.take(1024);
  pool.give(spare);
  const missing = pool.take(2 ** 38);
  failures.check();
  await failures.settle();
  expect(() => failures.check()).toThrow(
    expect.objectContaining({ name: "OutOfMemoryError", message: expect.stringMatching(/274877906944 bytes: 1024/) }),
  );
  failures.check();
  // What was kept for reuse has been given back.
  expect(destroyed).toBe(1);
  expect(pool.reservedBytes).toBe(0);
  pool.give(missing);
  expect(pool.take(2 ** 38)).not.toBe(missing);
});

describeGpu("a lost device", () => {
  beforeEach(open);

  test("arrays on it fail with a clear error, and opening again gives a new one", async () => {
    const x = ones([3], { device });
    const y = add(x, x);
    const pending = y.data();
    backend.device.destroy();
    const lost = expect.objectContaining({ name: "DeviceError", message: expect.stringMatching(/lost.*closeDevice/s) });
    await expect(pending).rejects.toEqual(lost);
    await expect(x.data()).rejects.toEqual(lost);
    await expect(backend.synchronize()).rejects.toEqual(lost);
    expect(() => add(x, y)).toThrow(lost);
    expect(() => matmul(ones([2, 2], { device }), ones([2, 2], { device }))).toThrow(lost);
    y.dispose();

    closeDevice(device);
    const next = await openDevice(device);
    expect(next).not.toBe(backend);
    await goesOn();
    // The old arrays stay lost, also among new ones.
    await expect(x.data()).rejects.toEqual(lost);
    expect(() => add(x, ones([3], { device }))).toThrow(/different devices|lost/);
    await goesOn();
  });

  test("also when it is lost between two calls", async () => {
    const x = ones([3], { device });
    await backend.synchronize();
    backend.device.destroy();
    await expect(add(x, 1).data()).rejects.toThrow(/lost/);
    closeDevice(device);
    await openDevice(device);
    await goesOn();
  });
});
