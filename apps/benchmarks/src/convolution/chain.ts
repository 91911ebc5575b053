import * as nx from "@chain/array";
import { sample, type Session } from "../contestant.js";
import { problem } from "./layers.js";

interface Options {
  readonly stride: number;
  readonly pad: number;
  readonly groups: number;
}

/** What a layer computes: its output, or the gradient by its input or weights. */
type Compute = (x: nx.NdArray, w: nx.NdArray, gy: nx.NdArray, options: Options) => nx.NdArray;

function session(compute: Compute): (index: number) => Promise<Session> {
  return (index) => {
    const { x, w, y, values, stride, pad, groups } = problem(index);
    const [ax, aw, agy] = [
      nx.array(values("x")).reshape(x),
      nx.array(values("w")).reshape(w),
      nx.array(values("y")).reshape(y),
    ];
    const run = (): nx.NdArray => compute(ax, aw, agy, { stride, pad, groups });
    return Promise.resolve({
      run: () => run().dispose(),
      result: async () => sample(await run().data()),
    });
  };
}

export const convolution = session((x, w, _gy, options) => nx.convolution(x, w, options));

export const convolutionGradInput = session((x, w, gy, options) =>
  nx.convolutionGradInput(gy, w, x.shape.slice(2), options),
);

export const convolutionGradWeight = session((x, w, gy, options) =>
  nx.convolutionGradWeight(x, gy, w.shape.slice(2), options),
);
