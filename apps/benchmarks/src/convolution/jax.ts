import { jit, lax, numpy as np } from "@jax-js/jax";
import { sample, type Session } from "../contestant.js";
import { problem } from "./layers.js";

type Array = ReturnType<typeof np.array>;

/** Its gradients take as long, seconds a layer, which is why they don't take part. */
export function convolution(index: number): Promise<Session> {
  const { x, w, values, stride, pad, groups } = problem(index);
  const [ax, aw] = [np.array(values("x")).reshape([...x]), np.array(values("w")).reshape([...w])];
  const around: [number, number] = [pad, pad];
  const compiled = jit((a: Array, b: Array) =>
    lax.convGeneralDilated(a, b, [stride, stride], [around, around], { featureGroupCount: groups }),
  );
  const run = (): Array => compiled(ax.ref, aw.ref);
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
