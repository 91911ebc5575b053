// Tries things in folders that the process may not write to or read from; needs the built package.
// Arguments: what to do, the folder, and the writer of snapshots. Prints what came of it.
import { random } from "@chain/array";
import * as L from "@chain/links";
import { SGD } from "@chain/optimizers";
import { extensions, getMnist, SerialIterator, setDatasetRoot, StandardUpdater, Trainer } from "@chain/training";

const [what = "", folder = "", writer = "wait"] = process.argv.slice(2);

async function train() {
  random.seed(1);
  const examples = Array.from({ length: 12 }, (_, i) => [Float32Array.of(i, 1, -i), i % 2]);
  const updater = new StandardUpdater(
    new SerialIterator(examples, 4),
    new SGD().setup(new L.Classifier(new L.Linear(3, 2))),
  );
  const trainer = new Trainer(updater, { stopTrigger: [4, "iteration"], out: folder });
  trainer.extend(extensions.snapshot({ autoload: true, writer }), { trigger: [2, "iteration"] });
  try {
    await trainer.run({ showLoopExceptionMsg: false });
  } finally {
    console.log(`iteration ${updater.iteration}`);
  }
}

const scenarios = {
  nothing: () => {},
  train,
  load: async () => {
    setDatasetRoot(folder);
    await getMnist();
  },
};

try {
  await scenarios[what]();
} catch (error) {
  console.log(`${error.name}: ${error.message}`);
}
