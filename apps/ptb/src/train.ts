import { loadCorpus } from "./corpus.js";
import { main } from "./main.js";
import { parseTrainOptions, trainCommand, withSnapshots } from "./options.js";
import { trainPtb } from "./train-ptb.js";

const command = withSnapshots(trainCommand("ptb", "Trains a recurrent language model on the Penn Treebank."));

await main(async (argv) => {
  const options = parseTrainOptions(command, argv);
  await trainPtb(options, (out) => loadCorpus(options.corpus, out));
});
