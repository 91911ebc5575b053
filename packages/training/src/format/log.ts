/** Rows of a log: numbers by name. */
export type Rows = readonly Readonly<Record<string, number>>[];

/**
 * A log as text, in the format that the ending of the file's name says: `.jsonl` has an object a line, `.csv` a header and
 * a line for each row, others are one JSON list. JSON has no NaN and no infinities; they are null there.
 */
export function formatLog(rows: Rows, filename: string): string {
  if (filename.endsWith(".jsonl")) return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  if (filename.endsWith(".csv")) return csv(rows);
  return `${JSON.stringify(rows, null, 4)}\n`;
}

/** As RFC 4180 has it; what a row lacks is empty. */
function csv(rows: Rows): string {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = rows.map((row) => keys.map((key) => String(row[key] ?? "")));
  return [keys.map(quoted), ...lines].map((line) => `${line.join(",")}\r\n`).join("");
}

function quoted(key: string): string {
  return /[",\r\n]/.test(key) ? `"${key.replaceAll('"', '""')}"` : key;
}
