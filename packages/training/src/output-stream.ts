/** Where extensions print: `process.stdout` and whatever else takes text. */
export interface OutputStream {
  write(text: string): unknown;
  /** Whether it is a terminal, where the cursor can be moved. */
  readonly isTTY?: boolean;
  /** Width of the terminal in characters. */
  readonly columns?: number;
}

/** `process.stdout` in Node, the console elsewhere. */
export function standardOutput(): OutputStream {
  return typeof process === "object" && process.stdout ? process.stdout : new ConsoleStream();
}

/** `process.stderr` in Node, the console elsewhere. */
export function standardError(): OutputStream {
  return typeof process === "object" && process.stderr ? process.stderr : new ConsoleStream();
}

/** Collects text until a line is complete, as a console can't do less. */
class ConsoleStream implements OutputStream {
  private pending = "";

  write(text: string): void {
    const lines = (this.pending + text).split("\n");
    this.pending = lines.pop() ?? "";
    for (const line of lines) console.log(line);
  }
}
