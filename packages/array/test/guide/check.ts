import { formatReport, runConformance } from "@chain/array/conformance";
import "./memory-only.js";

const report = await runConformance("memory-only");
console.log(formatReport(report));
if (report.failed.length > 0) process.exitCode = 1;
