import { loadCorpus } from "./corpus.js";
import { trainPtbByHand } from "./custom-loop-ptb.js";
import { main } from "./main.js";
import { parseTrainOptions, trainCommand } from "./options.js";

const command = trainCommand("ptb:custom-loop", "Trains a recurrent language model, without a trainer.");

await main(async (argv) => {
  const options = parseTrainOptions(command, argv);
  await trainPtbByHand(options, (out) => loadCorpus(options.corpus, out));
});
