/** A curve: points from left to right. Points that are not finite are gaps. */
export interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Options of {@link curvesSvg}. */
export interface CurvesOptions {
  /** Written below the horizontal axis. */
  readonly xLabel: string;
  /** Lines behind the curves. */
  readonly grid: boolean;
  /** What marks the points: `"x"`, `"o"` or nothing. */
  readonly marker: "x" | "o" | null;
}

const width = 640;
const height = 480;
const margin = { top: 20, right: 20, bottom: 48, left: 72 };
const colors = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f"];

/** Draws curves in one coordinate system, with axes and a legend, as an SVG document. */
export async function curvesSvg(curves: readonly Curve[], options: CurvesOptions): Promise<string> {
  // Loaded for the first picture: most programs draw none, and every program would start 14 ms later.
  const [{ scaleLinear }, { line }] = await Promise.all([import("d3-scale"), import("d3-shape")]);
  const points = curves.flatMap((curve) => curve.points).filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  const right = width - margin.right;
  const bottom = height - margin.bottom;
  const x = scaleLinear(extent(points.map((point) => point[0])), [margin.left, right]).nice();
  const y = scaleLinear(extent(points.map((point) => point[1])), [bottom, margin.top]).nice();
  const parts: string[] = [];

  const xFormat = x.tickFormat(8);
  for (const tick of x.ticks(8)) {
    const at = coordinate(x(tick));
    if (options.grid) parts.push(`<path class="grid" d="M${at},${margin.top}V${bottom}"/>`);
    parts.push(`<path class="axis" d="M${at},${bottom}v5"/>`, text(at, bottom + 20, "middle", xFormat(tick)));
  }
  const yFormat = y.tickFormat(8);
  for (const tick of y.ticks(8)) {
    const at = coordinate(y(tick));
    if (options.grid) parts.push(`<path class="grid" d="M${margin.left},${at}H${right}"/>`);
    parts.push(
      `<path class="axis" d="M${margin.left},${at}h-5"/>`,
      text(margin.left - 9, at + 4, "end", yFormat(tick)),
    );
  }
  parts.push(`<path class="axis" d="M${margin.left},${margin.top}V${bottom}H${right}"/>`);
  parts.push(text((margin.left + right) / 2, height - 8, "middle", options.xLabel));

  const path = line<readonly [number, number]>(
    ([px]) => x(px),
    ([, py]) => y(py),
  )
    .digits(2)
    .defined(([px, py]) => Number.isFinite(px) && Number.isFinite(py));
  curves.forEach((curve, index) => {
    const color = colors[index % colors.length] as string;
    const marks = curve.points
      .filter(([px, py]) => Number.isFinite(px) && Number.isFinite(py))
      .map(([px, py]) => mark(options.marker, coordinate(x(px)), coordinate(y(py))));
    parts.push(`<path class="curve" stroke="${color}" d="${path(curve.points) ?? ""}${marks.join("")}"/>`);
    const row = margin.top + 16 + 18 * index;
    parts.push(`<path class="curve" stroke="${color}" d="M${right - 12},${row - 4}h-24"/>`);
    parts.push(text(right - 42, row, "end", curve.name));
  });

  const style =
    "text{font:12px sans-serif;fill:#222}.axis{stroke:#222;fill:none}.grid{stroke:#ddd;fill:none}" +
    ".curve{fill:none;stroke-width:1.5}";
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">\n` +
    `<style>${style}</style>\n<rect width="${width}" height="${height}" fill="#fff"/>\n${parts.join("\n")}\n</svg>\n`
  );
}

/** Pictures of {@link curvesSvg} beside each other, as one. */
export function panelsSvg(panels: readonly string[]): string {
  const total = width * panels.length;
  const placed = panels.map((panel, i) => panel.replace("<svg ", `<svg x="${i * width}" `));
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${total}" height="${height}" viewBox="0 0 ${total} ${height}">\n` +
    `${placed.join("")}</svg>\n`
  );
}

function extent(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1];
  const low = Math.min(...values);
  const high = Math.max(...values);
  return low < high ? [low, high] : [low - 0.5, high + 0.5];
}

function mark(marker: CurvesOptions["marker"], x: number, y: number): string {
  if (marker === "x") return `M${x - 3},${y - 3}l6,6m0,-6l-6,6`;
  return marker === "o" ? `M${x - 3},${y}a3,3 0 1,0 6,0a3,3 0 1,0 -6,0` : "";
}

function text(x: number, y: number, anchor: "end" | "middle", content: string): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped}</text>`;
}

function coordinate(value: number): number {
  return Math.round(100 * value) / 100;
}
