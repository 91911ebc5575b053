import * as L from "@chain/links";
import type { AbstractSerializer } from "@chain/links/serializers";
import { SGD } from "@chain/optimizers";
import { Extension, makeExtension, PRIORITY_WRITER, SerialIterator, StandardUpdater, Trainer } from "@chain/training";

/** Reports a running mean of the loss, in which older values fade away. */
class SmoothLoss extends Extension {
  override readonly priority = PRIORITY_WRITER; // before those that read what is observed
  private mean: number | null = null;

  override async call(trainer: Trainer): Promise<void> {
    const loss = trainer.observation["main/loss"];
    if (loss === undefined) return;
    const value = await L.readObserved(loss); // waits for the device
    this.mean = this.mean === null ? value : 0.9 * this.mean + 0.1 * value;
    L.report({ smooth: this.mean });
  }

  /** What a resumed training needs; one method saves and loads. */
  override serialize(serializer: AbstractSerializer): void {
    this.mean = serializer.value<number | null>("mean", this.mean);
  }
}

const examples = Array.from({ length: 30 }, (_, i) => [Float32Array.of(i % 3, 1), i % 3]);
const optimizer = new SGD({ lr: 0.1 }).setup(new L.Classifier(new L.Linear(2, 3)));
const updater = new StandardUpdater(new SerialIterator(examples, 5), optimizer);
const trainer = new Trainer(updater, { stopTrigger: [3, "epoch"], out: "result" });

trainer.extend(new SmoothLoss());
// A function is an extension, too; a trigger may be one as well.
const print = makeExtension(({ observation, updater: { epoch } }) => console.log(epoch, observation["smooth"]), {
  trigger: [1, "epoch"],
  defaultName: "print",
});
trainer.extend(print);
trainer.extend(() => console.log("half of it is done"), {
  name: "half",
  trigger: ({ updater: u }) => u.iteration === 9,
});
await trainer.run();
