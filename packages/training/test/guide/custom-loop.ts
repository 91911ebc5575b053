import { random, type NdArray } from "@chain/array";
import { noBackpropMode, testMode, Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";
import { saveNpz } from "@chain/links/serializers";
import { SGD } from "@chain/optimizers";
import { concatExamples, SerialIterator } from "@chain/training";

random.seed(0);
// A line: the target of x is 3 - 2x.
const examples = Array.from({ length: 100 }, (_, i) => [Float32Array.of(i / 100), Float32Array.of(3 - i / 50)]);
const model = new L.Linear(1, 1);
const optimizer = new SGD({ lr: 0.3 }).setup(model);

const iterator = new SerialIterator(examples, 10);
while (iterator.epoch < 30) {
  const [x, t] = concatExamples(iterator.next()) as [NdArray, NdArray];
  // Forward, backward, update; what was made on the way is freed. Gradients of the update before are cleared.
  optimizer.update(() => F.meanSquaredError(model.forward(new Variable(x)), new Variable(t)));
}

const [x] = concatExamples([[Float32Array.of(0.5)]]) as [NdArray];
const y = testMode(() => noBackpropMode(() => model.forward(new Variable(x))));
console.log(`the target of 0.5 is ${(await y.item()).toFixed(2)}`);
await saveNpz("model.npz", model);
