/** The random stream: the same words on every device. */
import { draw, wordsKernel } from "../random/draws.js";
import { Generator } from "../random/generator.js";
import { philoxHost, wordsOf } from "../random/philox-host.js";
import { expectArray, expectTrue } from "./compare.js";
import { define, type CaseDefinition } from "./context.js";

/** Words of `blocks` counters from `counter` on, in the order in which arrays hold them. */
function expectedWords(seed: number, counter: number, blocks: number): number[] {
  const list = Array.from({ length: blocks }, (_, i) => {
    const [low, high] = wordsOf(counter + i);
    return philoxHost([low, high, 0, 0], wordsOf(seed));
  });
  return [0, 1, 2, 3].flatMap((lane) => list.map((words) => words[lane] as number));
}

export const randomCases: readonly CaseDefinition[] = [
  define("random: the words of Philox4x32-10", ["uint32"], async ({ backend }) => {
    // The first known answer of its authors: counter and key 0.
    const first = [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8];
    await expectArray(draw(wordsKernel, { seed: 0, counter: 0 }, "uint32", [4], backend), first, "uint32", [4]);
    for (const [seed, counter] of [
      [1, 0],
      [2 ** 40 + 17, 2 ** 32 - 3],
      [2 ** 53 - 1, 2 ** 45],
    ] as const) {
      const words = draw(wordsKernel, { seed, counter }, "uint32", [7, 4], backend);
      await expectArray(words, expectedWords(seed, counter, 7), "uint32", [7, 4]);
    }
  }),
  define("random: numbers follow from the words", ["float32", "int32"], async ({ backend }) => {
    const generator = new Generator(5);
    const device = backend.name;
    const uniform = generator.uniform(0, 1, [8], { device });
    const fromWords = expectedWords(5, 0, 2).map((word) => (word >>> 8) * 2 ** -24);
    await expectArray(uniform, fromWords, "float32", [8]);
    const normal = await generator.normal(0, 1, [8], { device }).data();
    const [a, b] = [expectedWords(5, 2, 2), [0, 1]];
    const radius = b.map((i) => Math.sqrt(-2 * Math.log(Math.fround((a[i] as number) * 2 ** -32 + 2 ** -33))));
    const angle = b.map((i) => 2 * Math.PI * ((a[2 + i] as number) >>> 8) * 2 ** -24);
    b.forEach((i) => {
      const expected = (radius[i] as number) * Math.cos(angle[i] as number);
      expectTrue(
        Math.abs((normal[i] as number) - expected) < 1e-5,
        `normal ${i}: expected ${expected}, got ${normal[i]}`,
      );
    });
    const integers = await generator.randint(-5, 5, [1000], { device }).data();
    expectTrue(
      integers.every((value) => value >= -5 && value < 5),
      "randint leaves its range",
    );
    expectTrue(new Set(integers).size === 10, "randint misses numbers of its range");
  }),
];
