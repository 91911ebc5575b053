// The program of somebody who installed the packages: it sees every entry point, and trains a small network.
import { array, random, type NdArray } from "@chain/array";
import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";
import { Adam } from "@chain/optimizers";
import { extensions, SerialIterator, StandardUpdater, Trainer, TupleDataset } from "@chain/training";
import { entries } from "./entries.js";

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

/** Points in a square; the label says whether both coordinates have the same sign. */
function signs(count: number): TupleDataset<readonly [NdArray, Int32Array]> {
  const points = Float32Array.from({ length: 2 * count }, () => 2 * random.random() - 1);
  const labels = Int32Array.from({ length: count }, (_, i) => {
    const [x = 0, y = 0] = points.subarray(2 * i, 2 * i + 2);
    return x * y > 0 ? 1 : 0;
  });
  return new TupleDataset(array(points).reshape(count, 2), labels);
}

random.seed(0);
const model = new L.Classifier(new MLP());
const optimizer = new Adam({ alpha: 0.01 }).setup(model);
const updater = new StandardUpdater(new SerialIterator(signs(500), 20), optimizer);
const trainer = new Trainer(updater, { stopTrigger: [10, "epoch"], out: "out/result" });
const test = new SerialIterator(signs(200), 50, { repeat: false, shuffle: false });
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
