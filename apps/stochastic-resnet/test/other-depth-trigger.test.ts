import { fromNpz, toNpz } from "@chain/links/serializers";
import { expect, test } from "@jest/globals";
import { OtherDepthTrigger } from "../src/other-depth-trigger.js";

test("fires where the number of blocks is not that of the first iteration, also after a resume", async () => {
  const network = { keptBlocks: 3 };
  const trigger = new OtherDepthTrigger(network);
  const untouched = await toNpz(trigger);
  expect([trigger.call(), trigger.call()]).toEqual([false, false]);
  const resumed = new OtherDepthTrigger(network);
  fromNpz(await toNpz(trigger), resumed);
  network.keptBlocks = 2;
  expect([trigger.call(), resumed.call()]).toEqual([true, true]);
  fromNpz(untouched, resumed);
  expect(resumed.call()).toBe(false);
  network.keptBlocks = 3;
  expect(resumed.call()).toBe(true);
});
