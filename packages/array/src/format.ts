/** Arrays as text, laid out as NumPy does. */
import { formatFor, formatScalar, type ElementFormat } from "./format-number.js";
import { take } from "./indexing/take.js";
import { isReadable } from "./indexing/read-now.js";
import { scope } from "./memory/scope.js";
import type { NdArray } from "./ndarray.js";
import { formatShape } from "./shape.js";

const lineWidth = 75;
/** Arrays of more elements are shown by their first and last ones along each axis, this many. */
const summaryThreshold = 1000;
const edgeItems = 3;

/** The elements, in brackets (NumPy's `str`). */
export function formatArray(x: NdArray): string {
  const summary = describe(x);
  if (summary !== null) return summary;
  return x.ndim === 0 ? formatScalar(x.itemSync(), x.dtype) : elementsText(x, " ", "", lineWidth);
}

/** The elements and the dtype, as `array(…)` (NumPy's `repr`). float32 and bool go without saying. */
export function inspectArray(x: NdArray): string {
  const summary = describe(x);
  if (summary !== null) return summary;
  const prefix = "array(";
  const showDType = x.size === 0 || (x.dtype !== "float32" && x.dtype !== "bool");
  const named = showDType ? `dtype=${x.dtype})` : "";
  const elements =
    x.size === 0 && x.ndim !== 1 ? `[], shape=${formatShape(x.shape)}` : elementsText(x, ", ", prefix, lineWidth - 1);
  const text = `${prefix}${elements}${showDType ? "," : ")"}`;
  if (!showDType) return text;
  const lastLine = text.length - (text.lastIndexOf("\n") + 1);
  return `${text}${lastLine + named.length + 1 > lineWidth ? `\n${" ".repeat(prefix.length)}` : " "}${named}`;
}

/** What can be said of an array whose elements cannot be read here; null if they can. */
function describe(x: NdArray): string | null {
  const kind = `NdArray of shape ${formatShape(x.shape)}, ${x.dtype}`;
  if (x.storage.freed) return `${kind}, freed`;
  return isReadable(x) ? null : `${kind}, on ${x.device} (await tolist() to see its elements)`;
}

function elementsText(x: NdArray, separator: string, prefix: string, width: number): string {
  if (x.size === 0) return "[]";
  const summarize = x.size > summaryThreshold;
  const { data, shape } = summarize ? corners(x) : { data: x.dataSync(), shape: x.shape };
  const format = formatFor(data, x.dtype);
  if (x.ndim === 0) return format(data[0] as number).trim();
  const shortened = x.shape.map((length, axis) => length !== shape[axis]);
  return new Layout(data, shape, shortened, format, separator).text(0, 0, ` ${" ".repeat(prefix.length)}`, width);
}

/** The elements at both ends of every axis. */
function corners(x: NdArray): { data: ArrayLike<number>; shape: readonly number[] } {
  return scope(() => {
    let part = x;
    x.shape.forEach((length, axis) => {
      if (length <= 2 * edgeItems) return;
      const ends = Array.from({ length: 2 * edgeItems }, (_, i) => (i < edgeItems ? i : length - 2 * edgeItems + i));
      part = take(part, ends, { axis });
    });
    return { data: part.dataSync(), shape: part.shape };
  });
}

class Layout {
  constructor(
    private readonly data: ArrayLike<number>,
    private readonly shape: readonly number[],
    /** Axes of which only the ends are in `data`. */
    private readonly shortened: readonly boolean[],
    private readonly format: ElementFormat,
    private readonly separator: string,
  ) {}

  /** The block of `data` that starts at element `start`, from axis `axis` on; lines after the first begin with `indent`. */
  text(axis: number, start: number, indent: string, width: number): string {
    const length = this.shape[axis] as number;
    const inner = this.shape.slice(axis + 1).reduce((product, n) => product * n, 1);
    const last = axis === this.shape.length - 1;
    const items = Array.from({ length }, (_, i) =>
      last
        ? this.format(this.data[start + i] as number)
        : this.text(axis + 1, start + i * inner, `${indent} `, width - 1),
    );
    if (this.shortened[axis]) items.splice(edgeItems, 0, "...");
    if (!last) {
      const lines = `${this.separator.trimEnd()}${"\n".repeat(this.shape.length - axis - 1)}`;
      return `[${items.join(`${lines}${indent}`)}]`;
    }
    return `[${this.wrapped(items, indent, width - Math.max(this.separator.trimEnd().length, 1))}]`;
  }

  /** Items side by side, on as many lines as it takes. */
  private wrapped(items: readonly string[], indent: string, width: number): string {
    const lines: string[] = [];
    let line = indent;
    items.forEach((item, i) => {
      if (line.length > indent.length && line.length + item.length > width) {
        lines.push(line.trimEnd());
        line = indent;
      }
      line += i === items.length - 1 ? item : item + this.separator;
    });
    return [...lines, line].join("\n").slice(indent.length);
  }
}
