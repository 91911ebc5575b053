import * as nx from "@chain/array";
import { grad, noBackpropMode, Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { sample, type Session } from "../contestant.js";
import { problem } from "./windows.js";

function pooled(index: number, x: Variable): Variable {
  const { kernel, stride } = problem(index);
  return F.maxPooling2d(x, kernel, { stride, coverAll: false });
}

export function maxPooling(index: number): Promise<Session> {
  const { shape, x: numbers } = problem(index);
  const x = new Variable(nx.array(numbers()).reshape(shape));
  const run = (): nx.NdArray => noBackpropMode(() => pooled(index, x).array);
  return Promise.resolve({
    run: () => nx.scope(() => void run()),
    result: async () => sample(await run().data()),
  });
}

/** The gradient alone: the graph is kept. */
export function maxPoolingGrad(index: number): Promise<Session> {
  const { shape, out, x: numbers, gy: gradients } = problem(index);
  const x = new Variable(nx.array(numbers()).reshape(shape));
  const y = pooled(index, x);
  const gradOutputs = [new Variable(nx.array(gradients()).reshape(out))];
  const run = (): nx.NdArray => (grad([y], [x], { gradOutputs })[0] as Variable).array;
  return Promise.resolve({
    run: () => nx.scope(() => void run()),
    result: async () => sample(await run().data()),
  });
}
