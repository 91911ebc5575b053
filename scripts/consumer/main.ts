// The program of somebody who installed the packages: it sees every entry point, and trains a small network, with examples
// that are made in threads.
import { random } from "@chain/array";
import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";
import { Adam } from "@chain/optimizers";
import { datasetModule, extensions, MultithreadIterator, StandardUpdater, Trainer } from "@chain/training";
import { entries } from "./entries.js";
import type * as points from "./points.js";

for (const [name, entry] of Object.entries(entries)) {
  const count = Object.keys(entry).length;
  console.log(`${name}: ${count} exports`);
  if (count === 0) throw new Error(`${name} exports nothing`);
}

class MLP extends L.Chain {
  readonly l1 = new L.Linear(null, 16);
  readonly l2 = new L.Linear(null, 2);

  override forward(x: Variable): Variable {
    return this.l2.forward(F.relu(this.l1.forward(x)));
  }
}

random.seed(0);
const model = new L.Classifier(new MLP());
const optimizer = new Adam({ alpha: 0.01 }).setup(model);
const module = datasetModule<typeof points>(new URL("./points.js", import.meta.url));
const iterator = await MultithreadIterator.open(module.dataset("signs", 500), 20, { nThreads: 2 });
const updater = new StandardUpdater(iterator, optimizer);
const trainer = new Trainer(updater, { stopTrigger: [10, "epoch"], out: "out/result" });
const test = await MultithreadIterator.open(module.dataset("signs", 200), 50, { repeat: false, shuffle: false });
const report = new extensions.LogReport();
trainer.extend(new extensions.Evaluator(test, model));
trainer.extend(report);
trainer.extend(new extensions.PrintReport(["epoch", "main/loss", "validation/main/loss", "validation/main/accuracy"]));
trainer.extend(extensions.snapshot({ writer: "worker" }));
await trainer.run();

const losses = report.log.map((entry) => entry["main/loss"] ?? NaN);
const accuracy = report.log.at(-1)?.["validation/main/accuracy"] ?? NaN;
const [first = NaN, last = NaN] = [losses.at(0), losses.at(-1)];
if (losses.length !== 10 || !(last < 0.5 * first) || !(accuracy > 0.9)) {
  throw new Error(`the network did not learn: losses ${losses.join(", ")}, accuracy ${accuracy}`);
}
