import { zeros, zerosLike } from "@chain/array";
import type { Variable } from "@chain/autograd";
import { exportOnnx } from "@chain/onnx";
import type { LanguageModel } from "./model.js";

/**
 * Writes one step of a language model to an ONNX file: from `words`, ids of shape (batch), and the states `state0`, `state1`, …
 * before it, to the `scores` of the words that may come next, and the states `next0`, `next1`, … after it. For an LSTM zeros
 * are the states before a text; the others have none then, and the file begins with a text's second word.
 */
export async function exportStep(model: LanguageModel, file: string): Promise<void> {
  // What the model has read so far stays as it is.
  const copy = model.copy();
  const words = zeros([1], { dtype: "int32" });
  copy.resetState();
  copy.forward(words);
  const states = copy.state().map(({ array }) => zerosLike(array));
  const forward = (x: Variable, ...given: Variable[]): Variable[] => {
    copy.setState(given);
    const scores = copy.forward(x);
    return [scores, ...copy.state()];
  };
  await exportOnnx(copy, [words, ...states], file, {
    forward,
    batch: "dynamic",
    inputNames: ["words", ...states.map((_, i) => `state${i}`)],
    outputNames: ["scores", ...states.map((_, i) => `next${i}`)],
  });
}
