import { loadData } from "./data.js";
import { main } from "./main.js";
import { parseTrainOptions } from "./options.js";
import { trainResNet } from "./train-resnet.js";

await main(async (argv) => {
  const options = parseTrainOptions(argv);
  await trainResNet(options, (out) => loadData(options.dataset, out));
});
