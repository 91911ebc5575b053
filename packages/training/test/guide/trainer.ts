import * as nx from "@chain/array";
import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";
import { Adam } from "@chain/optimizers";
import {
  extensions,
  SerialIterator,
  splitDatasetRandom,
  StandardUpdater,
  Trainer,
  TupleDataset,
} from "@chain/training";

class MLP extends L.Chain {
  readonly l1 = new L.Linear(null, 16);
  readonly l2 = new L.Linear(null, 2);

  override forward(x: Variable): Variable {
    return this.l2.forward(F.relu(this.l1.forward(x)));
  }
}

nx.random.seed(0); // every random number of the run follows from this one

// Points in a square; those in a circle belong to class 1, the others to class 0.
const points = nx.random.uniform(-1, 1, [500, 2]);
const labels = nx.less(nx.sum(nx.square(points), { axis: 1 }), 0.5).astype("int32");
const [train, test] = splitDatasetRandom(new TupleDataset(points, labels), 400);

const model = new L.Classifier(new MLP()); // reports main/loss and main/accuracy
const optimizer = new Adam({ alpha: 0.01 }).setup(model);
const updater = new StandardUpdater(new SerialIterator(train, 20), optimizer);
const trainer = new Trainer(updater, { stopTrigger: [10, "epoch"], out: "result" });

const validation = new SerialIterator(test, 20, { repeat: false, shuffle: false });
trainer.extend(new extensions.Evaluator(validation, model)); // reports validation/main/…
trainer.extend(new extensions.LogReport({ filename: "log.csv" }));
trainer.extend(new extensions.PrintReport(["epoch", "main/loss", "validation/main/accuracy"]));
await trainer.run();
