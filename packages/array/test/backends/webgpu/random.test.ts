import { expect, test } from "@jest/globals";
import { fc } from "../../../../../testing/property.js";
import { array, Generator, type DType, type GeneratorState, type NdArray } from "../../../src/index.js";
import { describeGpu } from "./gpu.js";

type Draw = (generator: Generator, device: string) => NdArray;

const draws: [string, Draw][] = [
  ["randint over all of uint32", (g, device) => g.randint(0, 2 ** 32, [1001], { dtype: "uint32", device })],
  ["randint", (g, device) => g.randint(-5, 17, [13, 77], { device })],
  ["uniform", (g, device) => g.uniform(0, 1, [1003], { device })],
  ["uniform over another range", (g, device) => g.uniform(-3, 0.7, [1003], { device })],
  ["uniform float16", (g, device) => g.uniform(0, 1, [257], { device, dtype: "float16" })],
  ["bernoulli", (g, device) => g.bernoulli(0.3, [1003], { device })],
  ["permutation", (g, device) => g.permutation(101, { device })],
  ["normal", (g, device) => g.normal(0, 1, [2003], { device })],
  ["normal float16", (g, device) => g.normal(1, 2, [257], { device, dtype: "float16" })],
  ["exponential", (g, device) => g.exponential(1, [2003], { device })],
  ["gumbel", (g, device) => g.gumbel(0, 1, [2003], { device })],
  ["choice", (g, device) => g.choice(50, [20]).toDevice(device)],
];

const positions: readonly GeneratorState[] = [
  { seed: 0, counter: 0 },
  { seed: 2 ** 52 + 12345, counter: 77 },
  // Where the low word of the counter overflows.
  { seed: 7, counter: 2 ** 32 - 100 },
];

/** The bytes that generators in these positions give on a device. */
async function drawn(draw: Draw, device: string, from: readonly GeneratorState[] = positions): Promise<Uint8Array[]> {
  const bytes: Uint8Array[] = [];
  for (const state of from) {
    const generator = new Generator();
    generator.state = state;
    const data = await draw(generator, device).data();
    bytes.push(new Uint8Array(data.buffer.slice(0)));
  }
  return bytes;
}

/** Every distribution, from three numbers between 0 and 1. */
type Distribution = (...args: [...Parameters<Draw>, shape: number[], dtype: DType, numbers: number[]]) => NdArray;
const distributions: Record<string, Distribution> = {
  uniform: (g, device, shape, dtype, [a = 0, b = 0]) => g.uniform(-9 * a, 20 * b, shape, { device, dtype }),
  normal: (g, device, shape, dtype, [a = 0, b = 0]) => g.normal(9 * a, 3 * b, shape, { device, dtype }),
  exponential: (g, device, shape, dtype, [a = 0]) => g.exponential(5 * a, shape, { device, dtype }),
  gumbel: (g, device, shape, dtype, [a = 0, b = 0]) => g.gumbel(9 * a, 3 * b, shape, { device, dtype }),
  randint: (g, device, shape, _, [a = 0, b = 0, c = 0]) => {
    const dtype = (["int32", "uint32", "uint8"] as const)[Math.floor(2.99 * c)] ?? "int32";
    const most = dtype === "uint8" ? 255 : 2 ** 31;
    const low = Math.floor(most * a * 0.9);
    return g.randint(low, low + 1 + Math.floor((most - low - 1) * b), shape, { device, dtype });
  },
  bernoulli: (g, device, shape, dtype, [a = 0]) => g.bernoulli(a, shape, { device, dtype }),
  "bernoulli of an array": (g, device, shape, dtype, numbers) =>
    g.bernoulli(array(numbers, { device }), [...shape, numbers.length], { device, dtype }),
  permutation: (g, device, shape) =>
    g.permutation(
      shape.reduce((n, length) => n * length, 1),
      { device },
    ),
};

describeGpu("the random stream on webgpu", () => {
  test.each(draws)("%s is the cpu's to the bit", async (_, draw) => {
    expect(await drawn(draw, "webgpu")).toEqual(await drawn(draw, "cpu"));
  });

  test.each(Object.entries(distributions))("%s of any shape, parameters and position", async (_, draw) => {
    // No subnormal numbers: a GPU may take them for zeros.
    const unit = fc.integer({ min: 0, max: 2 ** 24 }).map((n) => n / 2 ** 24);
    const cases = fc.record({
      state: fc.record({
        seed: fc.maxSafeNat(),
        counter: fc
          .maxSafeNat()
          .map((n) => n / 2 ** 12)
          .map(Math.floor),
      }),
      shape: fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 3 }),
      dtype: fc.constantFrom<DType>("float32", "float16"),
      numbers: fc.array(unit, { minLength: 3, maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ state, shape, dtype, numbers }) => {
        const once: Draw = (g, device) => draw(g, device, shape, dtype, numbers);
        expect(await drawn(once, "webgpu", [state])).toEqual(await drawn(once, "cpu", [state]));
      }),
      { numRuns: 20 },
    );
  });
});
