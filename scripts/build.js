// Builds what is named, or everything, through turbo: cached, without its telemetry, and silent unless something fails.
// Usage: node scripts/build.js [workspace name …]
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const turbo = fileURLToPath(new URL("../node_modules/turbo/bin/turbo", import.meta.url));
const filters = process.argv.slice(2).map((name) => `--filter=${name}`);
const args = [turbo, "run", "build", "--output-logs=errors-only", "--log-prefix=none", ...filters];
const { status, signal, stdout, stderr, error } = spawnSync(process.execPath, args, {
  cwd: root,
  encoding: "utf8",
  env: {
    ...process.env,
    TURBO_TELEMETRY_DISABLED: "1",
    TURBO_NO_UPDATE_NOTIFIER: "1",
    ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}),
  },
  maxBuffer: 64 * 1024 * 1024,
  stdio: ["ignore", "pipe", "pipe"],
});
if (error) throw error;
if (status !== 0) {
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  if (signal) console.error(`The build was stopped by ${signal}.`);
  process.exitCode = status ?? 1;
}
