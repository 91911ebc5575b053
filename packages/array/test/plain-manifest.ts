import { readFileSync } from "node:fs";

/** The package.json of a folder that holds this package's modules as plain JavaScript, without a build. */
export function plainManifest(): string {
  const file = new URL("../package.json", import.meta.url);
  const { name, type, publishConfig } = JSON.parse(readFileSync(file, "utf8")) as {
    name: string;
    type: string;
    publishConfig: { imports: object; exports: object };
  };
  const { imports, exports } = publishConfig;
  return JSON.stringify({ name, type, imports, exports }).replaceAll(/\.\/dist\/(node\/)?/g, "./");
}
