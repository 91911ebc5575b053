// Checks that the last line of a training log reached a value.
// Usage: node scripts/check-log.js LOG KEY MINIMUM
import { readFileSync } from "node:fs";

const [file = "", key = "", minimum = "0"] = process.argv.slice(2);
const value = JSON.parse(readFileSync(file, "utf8")).at(-1)?.[key];
if (typeof value !== "number" || !(value >= Number(minimum))) {
  throw new Error(`${file}: expected ${key} of at least ${minimum} in the last line, got ${value}`);
}
console.log(`${key}: ${value}`);
