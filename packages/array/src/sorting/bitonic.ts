import { isFloating } from "../dtype.js";
import { elementwise } from "../kernel/elementwise.js";
import type { Expr } from "../kernel/expr.js";
import * as k from "../kernel/ops.js";
import { perDType } from "../math/ufunc.js";
import { NdArray } from "../ndarray.js";
import { borrow } from "../views.js";

// The order itself is an operand only to give the kernel its shape and dtype.
const startKernel = elementwise("sort_start", { uints: ["padded"] }, (order, { padded }) =>
  k.castLike(k.fmod(k.index, k.cast(padded, "int32")), order),
);

/** One step of Batcher's bitonic network: every position looks at its partner and keeps one of the two elements. */
const stepKernel = perDType((dtype) =>
  elementwise(
    "sort_step",
    { uints: ["distance", "run", "padded", "length"], buffers: ["keys", "from"] },
    (own, { distance, run, padded, length, keys, from }) => {
      const [size, width, reach] = [padded, length, distance].map((value) => k.cast(value, "int32")) as [
        Expr,
        Expr,
        Expr,
      ];
      const place = k.fmod(k.index, size);
      const row = k.mul(k.idiv(k.index, size), width);
      const partner = from.at(k.bitXor(k.index, reach));
      const ownComes = comesFirst(own, partner);
      const lower = k.eq(k.bitAnd(place, reach), 0);
      const ascending = k.eq(k.bitAnd(place, k.cast(run, "int32")), 0);
      const wantsFirst = k.eq(lower, ascending);
      return k.where(k.eq(wantsFirst, ownComes), own, partner);

      /** Positions beyond the row come last; equal elements keep their order. */
      function comesFirst(a: Expr, b: Expr): Expr {
        const last = k.sub(width, 1);
        const x = keys.at(k.add(row, k.min(a, last)));
        const y = keys.at(k.add(row, k.min(b, last)));
        const real = k.lt(a, width);
        const otherReal = k.lt(b, width);
        let before = k.lt(x, y);
        let same = k.eq(x, y);
        if (isFloating(dtype)) {
          const [xNan, yNan] = [k.isnan(x), k.isnan(y)];
          before = k.logicalOr(before, k.logicalAnd(yNan, k.logicalNot(xNan)));
          same = k.logicalOr(same, k.logicalAnd(xNan, yNan));
        }
        const bothReal = k.logicalOr(before, k.logicalAnd(same, k.lt(a, b)));
        return k.where(k.logicalAnd(real, otherReal), bothReal, k.lt(a, b));
      }
    },
  ),
);

/** `Routines.argsort` by kernels alone, for devices whose elements the host cannot sort. */
export function bitonicArgsort(x: NdArray, out: NdArray): void {
  const [rows, length] = x.shape as [number, number];
  const { backend } = x.storage;
  let padded = 1;
  while (padded < length) padded *= 2;
  let order = NdArray.allocate(backend, "int32", [rows * padded]);
  startKernel.into(order, order, { padded });
  for (let run = 2; run <= padded; run *= 2) {
    for (let distance = run / 2; distance >= 1; distance /= 2) {
      const next = stepKernel(x.dtype)(order, { distance, run, padded, length, keys: x, from: order });
      order.dispose();
      order = next;
    }
  }
  takeKernel.into(out, borrow(order, { shape: [rows, length], strides: [padded, 1], offset: 0 }));
  order.dispose();
}

const takeKernel = elementwise("sort_take", (order) => order);
