import { random } from "@chain/array";
import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";
import { Adam } from "@chain/optimizers";
import { datasetModule, extensions, MultithreadIterator, StandardUpdater, Trainer } from "@chain/training";
import type * as spirals from "./spirals.js";

class MLP extends L.Chain {
  readonly l1 = new L.Linear(null, 32);
  readonly l2 = new L.Linear(null, 3);

  override forward(x: Variable): Variable {
    return this.l2.forward(F.relu(this.l1.forward(x)));
  }
}

random.seed(0);
// Each of the two threads imports the module, and makes a data set of its own by calling `spirals(300)`.
const module = datasetModule<typeof spirals>(new URL("./spirals.js", import.meta.url));
const iterator = await MultithreadIterator.open(module.dataset("spirals", 300), 20, { nThreads: 2, nPrefetch: 2 });

const optimizer = new Adam({ alpha: 0.02 }).setup(new L.Classifier(new MLP()));
const updater = new StandardUpdater(iterator, optimizer);
const trainer = new Trainer(updater, { stopTrigger: [30, "epoch"], out: "result" });
trainer.extend(new extensions.LogReport());
trainer.extend(new extensions.PrintReport(["epoch", "main/accuracy"]));
await trainer.run(); // ends the threads, too
