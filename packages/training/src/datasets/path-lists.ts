import { ValueError } from "@chain/array";
import { fileSystem } from "../files.js";

/** The lines of a text file that are not blank. */
export async function linesOfFile(file: string): Promise<string[]> {
  const { readFile } = await fileSystem();
  return (await readFile(file, "utf8")).split(/\r?\n/).filter((line) => line.trim() !== "");
}

/** What a text file with a path and a label on each line lists. */
export async function labeledPaths(file: string): Promise<[path: string, label: number][]> {
  return (await linesOfFile(file)).map((line) => {
    const match = /^(.*\S)\s+(-?\d+)\s*$/.exec(line);
    if (match === null) throw new ValueError(`${file}: a line is a path and a label, got ${JSON.stringify(line)}`);
    return [match[1] as string, Number(match[2])];
  });
}
