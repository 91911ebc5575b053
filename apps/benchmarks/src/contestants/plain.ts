/** A plain copy between typed arrays: what the machine's memory gives. */
import { inputs, sample, type Contestant } from "../contestant.js";

export const contestant: Contestant = {
  copy: (size) => {
    const source = inputs(size, 1);
    const target = new Float32Array(size);
    return Promise.resolve({
      run: () => target.set(source),
      result: () => Promise.resolve(sample(source)),
    });
  },
};
