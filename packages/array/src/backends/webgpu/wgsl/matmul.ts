import type { Activation } from "../../../routines.js";
import type { Shader } from "./elementwise.js";
import type { Product } from "./product.js";
import { productShader, type ProductMethod } from "./product-shader.js";

/** What makes a different shader of a matrix product: how, what it does besides, and over how many batch axes. */
export interface MatmulVariant {
  readonly method: ProductMethod;
  readonly bias: boolean;
  readonly activation: Activation;
  readonly accumulate: boolean;
  readonly batchAxes: number;
}

/** `out = activation(a·b + bias)`, or added to `out`. A and B may have any strides. */
export function matmulShader(variant: MatmulVariant): Shader {
  return productShader(`matmul ${JSON.stringify(variant)}`, matmulProduct(variant), variant.bias, variant.method);
}

function matmulProduct({ bias, activation, accumulate, batchAxes }: MatmulVariant): Product {
  const axes = Array.from({ length: batchAxes }, (_, axis) => axis);
  const added = bias ? ["biasOffset"] : [];
  return {
    parameters: [
      "aOffset",
      "bOffset",
      "outOffset",
      "aRow",
      "aColumn",
      "bRow",
      "bColumn",
      ...added,
      ...axes.flatMap((axis) => [`batch${axis}`, `aBatch${axis}`, `bBatch${axis}`]),
    ],
    batch: [
      "var rest = batch;",
      "var aStart = aOffset;",
      "var bStart = bOffset;",
      "let outStart = outOffset + batch * m * n;",
      ...axes
        .toReversed()
        .flatMap((axis) => [
          `aStart += (rest % batch${axis}) * aBatch${axis};`,
          `bStart += (rest % batch${axis}) * bBatch${axis};`,
          `rest = rest / batch${axis};`,
        ]),
    ],
    a: {
      side: (row, s) => [`let aSide${s} = aStart + ${row} * aRow;`],
      depth: (k, s) => [`let aDepth${s} = ${k} * aColumn;`],
      element: (side, depth) => `m1[aSide${side} + aDepth${depth}]`,
    },
    b: {
      side: (column, s) => [`let bSide${s} = bStart + ${column} * bColumn;`],
      depth: (k, s) => [`let bDepth${s} = ${k} * bRow;`],
      element: (side, depth) => `m2[bSide${side} + bDepth${depth}]`,
    },
    store: (row, column, sum) => {
      let value = bias ? `(${sum} + m3[biasOffset + ${column}])` : sum;
      if (accumulate) value = `(m0[at] + ${value})`;
      return [
        `let at = outStart + ${row} * n + ${column};`,
        `m0[at] = ${activation === "relu" ? `relu(${value})` : value};`,
      ];
    },
  };
}
