import { describe, expect, test } from "@jest/globals";
import { conformanceCases } from "../../src/conformance/index.js";

describe.each(["js", "cpu"])("backend %s", (device) => {
  test.each(conformanceCases(device))("$name", async ({ run }) => {
    expect(await run()).toBe("passed");
  });
});
