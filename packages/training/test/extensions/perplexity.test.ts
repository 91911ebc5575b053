import { expect, test } from "@jest/globals";
import { computePerplexity } from "../../src/extensions/index.js";

test("computePerplexity adds what the losses say", () => {
  const both = { "main/loss": Math.log(50), "validation/main/loss": Math.log(200), epoch: 1 };
  computePerplexity(both);
  expect(Object.keys(both)).toEqual(["main/loss", "validation/main/loss", "epoch", "perplexity", "val_perplexity"]);
  expect((both as Record<string, number>)["perplexity"]).toBeCloseTo(50, 10);
  expect((both as Record<string, number>)["val_perplexity"]).toBeCloseTo(200, 10);
  const none = { epoch: 1 };
  computePerplexity(none);
  expect(none).toEqual({ epoch: 1 });
});
