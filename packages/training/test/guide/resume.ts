import { random } from "@chain/array";
import * as L from "@chain/links";
import { Adam } from "@chain/optimizers";
import { extensions, SerialIterator, StandardUpdater, Trainer } from "@chain/training";

const examples = Array.from({ length: 30 }, (_, i) => [Float32Array.of(i % 3, 1), i % 3]);

/** Trains up to some iteration, and goes on from the latest snapshot in the folder if there is one. */
async function train(out: string, iterations: number): Promise<unknown> {
  random.seed(0); // the same start; what comes out of a snapshot overrules it
  const layer = new L.Linear(2, 3);
  const optimizer = new Adam().setup(new L.Classifier(layer));
  const updater = new StandardUpdater(new SerialIterator(examples, 4), optimizer);
  const trainer = new Trainer(updater, { stopTrigger: [iterations, "iteration"], out });
  trainer.extend(new extensions.LogReport());
  trainer.extend(new extensions.ExponentialShift("alpha", 0.9), { trigger: [1, "epoch"] });
  const snapshot = extensions.snapshot({ autoload: true, nRetains: 2, writer: "background" });
  trainer.extend(snapshot, { trigger: [5, "iteration"] });
  await trainer.run();
  return layer.W.array.tolist();
}

await train("result", 18); // ends 3 iterations after its latest snapshot, as if it had been killed there
const resumed = await train("result", 40);
const whole = await train("other", 40);
console.log(`the same weights: ${JSON.stringify(resumed) === JSON.stringify(whole)}`);
