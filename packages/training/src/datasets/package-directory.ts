/**
 * The folder of an installed npm package, as this package, the program that runs or the current folder would find it;
 * null if it is not installed.
 */
export async function packageDirectory(packageName: string): Promise<string | null> {
  if (typeof process !== "object" || process.versions?.node === undefined) return null;
  const [{ createRequire }, path] = await Promise.all([import("node:module"), import("node:path")]);
  const program = process.argv[1] === undefined ? [] : [path.resolve(process.argv[1])];
  for (const place of [import.meta.url, ...program, path.join(process.cwd(), "index.js")]) {
    try {
      return path.dirname(createRequire(place).resolve(`${packageName}/package.json`));
    } catch {
      // Not to be found from there.
    }
  }
  return null;
}
