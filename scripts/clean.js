// Removes what builds leave behind: dist folders and turbo's cache. node_modules stays.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const members = ["packages", "apps"].flatMap((group) =>
  readdirSync(join(root, group)).map((name) => join(root, group, name)),
);
for (const folder of [root, ...members]) {
  for (const made of ["dist", ".turbo"]) rmSync(join(folder, made), { recursive: true, force: true });
}
rmSync(join(root, "node_modules/.cache/turbo"), { recursive: true, force: true });
