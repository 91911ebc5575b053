// Trains a little with snapshots written by a worker, which needs the built package.
// Arguments: folder, iterations, whether to go on from the latest snapshot.
import { random } from "@chain/array";
import * as L from "@chain/links";
import { SGD } from "@chain/optimizers";
import { extensions, SerialIterator, StandardUpdater, Trainer } from "@chain/training";

const [out = "", iterations = "", autoload = ""] = process.argv.slice(2);
random.seed(1);
const model = new L.Classifier(new L.Linear(3, 2));
const examples = Array.from({ length: 12 }, (_, i) => [Float32Array.of(i, 1, -i), i % 2]);
const updater = new StandardUpdater(new SerialIterator(examples, 4), new SGD().setup(model));
const trainer = new Trainer(updater, { stopTrigger: [Number(iterations), "iteration"], out });
const options = { writer: "worker", nRetains: 2, autoload: autoload === "autoload" };
trainer.extend(extensions.snapshot(options), { trigger: [1, "iteration"] });
try {
  await trainer.run({ showLoopExceptionMsg: false });
  console.log(`done ${updater.iteration} ${process.getActiveResourcesInfo().includes("Worker")}`);
} catch (error) {
  console.log(`${error.name} after ${updater.iteration}: ${error.message}`);
}
