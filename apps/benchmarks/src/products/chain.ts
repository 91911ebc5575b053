import * as nx from "@chain/array";
import { sample, type Session } from "../contestant.js";
import { operands } from "./shapes.js";

export function product(index: number): Promise<Session> {
  const { batch, m, k, n, transposed, a: left, b: right } = operands(index);
  const stack = batch === 1 ? [] : [batch];
  const a = nx.array(left).reshape([...stack, m, k]);
  const b = nx.array(right).reshape(transposed ? [...stack, n, k] : [...stack, k, n]);
  const columns = transposed ? nx.swapaxes(b, -2, -1) : b;
  return Promise.resolve({
    run: () => nx.matmul(a, columns).dispose(),
    result: async () => sample(await nx.matmul(a, columns).data()),
  });
}
