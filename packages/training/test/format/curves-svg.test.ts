import { describe, expect, test } from "@jest/globals";
import { curvesSvg, panelsSvg } from "../../src/format/curves-svg.js";

const options = { xLabel: "epoch", grid: true, marker: "x" } as const;

function curveData(svg: string): string[] {
  return [...svg.matchAll(/class="curve" stroke="[^"]+" d="([^"]*)"/g)].map((match) => match[1] ?? "");
}

describe("curvesSvg", () => {
  test("draws every curve and names it", async () => {
    const svg = await curvesSvg(
      [
        { name: "main/loss", points: [[0, 0], [10, 100]] }, // prettier-ignore
        { name: "a<b&c", points: [[0, 100], [10, 0]] }, // prettier-ignore
      ],
      { ...options, marker: null },
    );
    // The plot reaches from (72, 432) at the bottom left to (620, 20) at the top right.
    expect(curveData(svg)).toEqual(["M72,432L620,20", "M608,32h-24", "M72,20L620,432", "M608,50h-24"]);
    expect(svg).toContain(">main/loss</text>");
    expect(svg).toContain(">a&lt;b&amp;c</text>");
    expect(svg).toContain(">epoch</text>");
  });

  test("leaves gaps at what is not finite", async () => {
    const [path] = curveData(
      await curvesSvg([{ name: "y", points: [[0, 0], [5, NaN], [10, 100]] }], { ...options, marker: null }), // prettier-ignore
    );
    expect(path).toBe("M72,432ZM620,20Z");
  });

  test("draws one point, equal values and nothing", async () => {
    for (const points of [
      [[1, 2]],
      [
        [1, 2],
        [2, 2],
      ],
      [],
    ] as [number, number][][]) {
      // prettier-ignore
      const svg = await curvesSvg([{ name: "y", points }], options);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      expect(svg.trim().endsWith("</svg>")).toBe(true);
    }
  });
});

test("panelsSvg puts pictures beside each other", async () => {
  const picture = (name: string): Promise<string> => curvesSvg([{ name, points: [[0, 0]] }], options);
  const svg = panelsSvg(await Promise.all([picture("left"), picture("right")]));
  expect(svg).toMatch(/^<svg [^>]*viewBox="0 0 1280 480">/);
  expect([...svg.matchAll(/<svg x="(\d+)"/g)].map((match) => match[1])).toEqual(["0", "640"]);
  expect(svg.match(/<\/svg>/g)).toHaveLength(3);
});
