/** A program that trains in a page: a data set, a model, an optimizer, and batches in random order. */
import { array, setDefaultDevice } from "@chain/array";
import { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";
import { Adam } from "@chain/optimizers";
import { StandardUpdater } from "@chain/training";
import { SerialIterator } from "@chain/training/iterators";

class MLP extends L.Chain {
  readonly l1 = new L.Linear(2, 16);
  readonly l2 = new L.Linear(16, 2);

  override forward(x: Variable): Variable {
    return this.l2.forward(F.relu(this.l1.forward(x)));
  }
}

/** Learns which of two numbers is the larger one, on a device, or on the one that is there at the start. */
export async function train(
  device: string | null,
  updates: number,
): Promise<{ readonly first: number; readonly last: number }> {
  if (device !== null) await setDefaultDevice(device);
  const examples = Array.from({ length: 64 }, (_, i) => [array([(i % 8) / 8, (i >> 3) / 8]), Number(i % 8 > i >> 3)]);
  const model = new L.Classifier(new MLP());
  const optimizer = new Adam({ alpha: 0.05 }).setup(model);
  const updater = new StandardUpdater(new SerialIterator(examples, 16), optimizer);
  const losses: Promise<number>[] = [];
  for (let i = 0; i < updates; i++) {
    await updater.update();
    if (i === 0 || i === updates - 1) losses.push(read(model));
  }
  const [first = NaN, last = NaN] = await Promise.all(losses);
  return { first, last };
}

function read({ loss }: L.Classifier): Promise<number> {
  return loss instanceof Variable ? loss.array.item() : Promise.resolve(NaN);
}
