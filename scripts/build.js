// Builds what is named, or everything, through turbo: quietly, cached, and without its telemetry.
// Usage: node scripts/build.js [workspace name …]
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const turbo = fileURLToPath(new URL("../node_modules/turbo/bin/turbo", import.meta.url));
const filters = process.argv.slice(2).map((name) => `--filter=${name}`);
const args = [turbo, "run", "build", "--output-logs=errors-only", "--log-prefix=none", ...filters];
const { status, error } = spawnSync(process.execPath, args, {
  cwd: root,
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" },
  stdio: "inherit",
});
if (error) throw error;
process.exitCode = status ?? 1;
