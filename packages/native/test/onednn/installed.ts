import { describe, test } from "@jest/globals";
import type { OneDnn } from "../../src/onednn/library.js";
import { oneDnnFiles, openOneDnn } from "../../src/onednn/load.js";

/** The versions of oneDNN that this machine has. */
const installed: readonly OneDnn[] = oneDnnFiles.flatMap((file) => {
  try {
    return [openOneDnn(file)];
  } catch {
    return [];
  }
});

for (const version of ["2", "3"]) {
  if (!installed.some((library) => library.version.startsWith(`${version}.`)))
    console.warn(`TESTS OF ONEDNN ${version} ARE SKIPPED: no library was found`);
}

const { skip } = describe;

/** Describes what holds for every version, for each that is there. */
export function describeWithOneDnn(name: string, body: (library: OneDnn) => void): void {
  if (installed.length === 0) skip(name, () => test("needs oneDNN", () => undefined));
  for (const library of installed) {
    describe(`${name} ${library.version}`, () => {
      body(library);
    });
  }
}
