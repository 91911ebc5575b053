import { expect, test } from "@jest/globals";
import { Generator, type NdArray } from "../../../src/index.js";
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

/** What a generator gives on a device, from two seeds and from a position in the middle of the stream. */
async function drawn(draw: Draw, device: string): Promise<Uint8Array[]> {
  const bytes: Uint8Array[] = [];
  for (const state of [
    { seed: 0, counter: 0 },
    { seed: 2 ** 52 + 12345, counter: 77 },
    // Where the low word of the counter overflows.
    { seed: 7, counter: 2 ** 32 - 100 },
  ]) {
    const generator = new Generator();
    generator.state = state;
    const data = await draw(generator, device).data();
    bytes.push(new Uint8Array(data.buffer.slice(0)));
  }
  return bytes;
}

describeGpu("the random stream on webgpu", () => {
  test.each(draws)("%s is the cpu's to the bit", async (_, draw) => {
    expect(await drawn(draw, "webgpu")).toEqual(await drawn(draw, "cpu"));
  });
});
