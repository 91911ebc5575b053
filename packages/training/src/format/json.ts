/** JSON with NaN and infinities in it, as Python's `json` writes and reads them. */

const special = new Map([
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
]);
const mark = "\u0000";

/** A value of lists, dictionaries, strings and numbers as text. */
export function encodeJson(value: unknown): string {
  const text = JSON.stringify(value, (_, item: unknown) =>
    typeof item === "number" && !Number.isFinite(item) ? `${mark}${item}` : item,
  );
  return text.replaceAll(/"\\u0000(-?\w+)"/g, "$1");
}

/** Reads {@link encodeJson}'s text back, and JSON. */
export function decodeJson(text: string): unknown {
  // A string literal is skipped as a whole, so that words in it stay as they are.
  const marked = text.replaceAll(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) =>
    token.startsWith('"') ? token : JSON.stringify(mark + token),
  );
  return JSON.parse(marked, (_, item: unknown) =>
    typeof item === "string" && item.startsWith(mark) ? (special.get(item.slice(1)) ?? item) : item,
  );
}
