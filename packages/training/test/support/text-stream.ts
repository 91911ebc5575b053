import type { OutputStream } from "../../src/output-stream.js";

// Control sequences that move up and erase, line ends, text.
const escape = "\u001B";
const tokens = new RegExp(`${escape}\\[\\d*[AJ]|\n|[^\n${escape}]+`, "g");

/** Text without control sequences. */
export function withoutControls(text: string): string {
  return (text.match(tokens) ?? []).filter((token) => !token.startsWith("\u001B")).join("");
}

/** Keeps what is written to it. */
export class TextStream implements OutputStream {
  text = "";

  constructor(
    readonly isTTY = false,
    readonly columns = 80,
  ) {}

  write(text: string): void {
    this.text += text;
  }

  /** What a terminal shows of it: understands moving up and erasing what is below the cursor. */
  get screen(): string[] {
    const lines: string[] = [""];
    let row = 0;
    let column = 0;
    for (const [token] of this.text.matchAll(tokens)) {
      if (token === "\n") {
        row++;
        column = 0;
        lines[row] ??= "";
      } else if (token.endsWith("A") && token.startsWith("\u001B")) {
        row -= Number(token.slice(2, -1));
      } else if (token === "\u001B[J") {
        lines.length = row + 1;
        lines[row] = (lines[row] as string).slice(0, column);
      } else {
        const line = lines[row] as string;
        lines[row] = line.slice(0, column) + token + line.slice(column + token.length);
        column += token.length;
      }
    }
    return lines;
  }
}
