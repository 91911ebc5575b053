import { array, type NdArray } from "@chain/array";
import {
  concatExamples,
  DatasetMixin,
  getCrossValidationDatasets,
  SerialIterator,
  TransformDataset,
} from "@chain/training";

/** Sequences of different lengths, each with its sum. Examples are made when they are asked for. */
class Countdown extends DatasetMixin<readonly [sequence: NdArray, sum: number]> {
  override readonly length = 10;

  override getExample(index: number): readonly [sequence: NdArray, sum: number] {
    const sequence = Array.from({ length: index + 1 }, (_, i) => index - i);
    return [array(sequence, { dtype: "int32" }), (index * (index + 1)) / 2];
  }
}

// Something done to every example: augmentation, say. Seeded random numbers make it repeatable.
const shifted = new TransformDataset(new Countdown(), ([sequence, sum]) => [sequence.add(1), sum]);

// Each fold is tested on a fifth that the others are trained on.
for (const [train, test] of getCrossValidationDatasets(shifted, 5)) {
  const iterator = new SerialIterator(train, 4, { repeat: false, shuffle: false });
  const [batch] = concatExamples(iterator.next(), { padding: 0 }) as [NdArray, NdArray];
  console.log(`${train.length} to train on, ${test.length} to test; the first minibatch: (${batch.shape.join(", ")})`);
}
