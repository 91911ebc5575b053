import { numpy as np } from "@jax-js/jax";
import { sample, type Session } from "../contestant.js";
import { operands } from "./shapes.js";

type Array = ReturnType<typeof np.array>;

export function product(index: number): Promise<Session> {
  const { batch, m, k, n, transposed, a: left, b: right } = operands(index);
  const a = np.array(left).reshape([batch, m, k]);
  const b = np.array(right).reshape(transposed ? [batch, n, k] : [batch, k, n]);
  const columns = transposed ? np.swapaxes(b, 1, 2) : b;
  const run = (): Array => np.matmul(a.ref, columns.ref);
  return Promise.resolve({
    run: async () => {
      const result = run();
      await result.blockUntilReady();
      result.dispose();
    },
    result: async () => {
      const data: unknown = await run().data();
      return sample(data as ArrayLike<number>);
    },
  });
}
