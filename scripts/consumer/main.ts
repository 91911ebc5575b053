// The program of somebody who installed the packages: it sees every entry point.
import { entries } from "./entries.js";

for (const [name, entry] of Object.entries(entries)) {
  console.log(`${name}: ${Object.keys(entry).length} exports`);
}
