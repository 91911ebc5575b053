// Prints `passed failed skipped` from a jest report (--json --outputFile); a test file that did not run counts as failed.
// Usage: node scripts/count-tests.js REPORT
import { readFileSync } from "node:fs";

const file = process.argv[2] ?? "";
const report = JSON.parse(readFileSync(file, "utf8"));
const passed = report.numPassedTests;
const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
const skipped = report.numPendingTests + report.numTodoTests;
if (passed + failed === 0) throw new Error(`${file}: no test ran`);
console.log(`${passed} ${failed} ${skipped}`);
