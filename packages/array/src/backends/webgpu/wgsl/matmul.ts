import type { Activation } from "../../../routines.js";
import type { IndexedMatrix, ProductSource } from "./product.js";

/** What a matrix product does besides, and over how many batch axes. */
export interface MatmulExtras {
  readonly bias: boolean;
  readonly activation: Activation;
  readonly accumulate: boolean;
  readonly batchAxes: number;
}

/** `out = activation(a·b + bias)`, or added to `out`. A and B may have any strides. */
export function matmulProduct({ bias, activation, accumulate, batchAxes }: MatmulExtras): ProductSource {
  const axes = Array.from({ length: batchAxes }, (_, axis) => axis);
  return (memory) => ({
    parameters: [
      "aOffset",
      "bOffset",
      "outOffset",
      "aRow",
      "aColumn",
      "bRow",
      "bColumn",
      ...(bias ? ["biasOffset"] : []),
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
    a: strided("a", "aRow", "aColumn", memory.a, memory.aFour),
    b: strided("b", "bColumn", "bRow", memory.b, memory.bFour),
    store: (row, column, sum) => {
      let value = bias ? `(${sum} + ${memory.bias(`biasOffset + ${column}`)})` : sum;
      if (accumulate) value = `(${memory.out("at")} + ${value})`;
      return [
        `let at = outStart + ${row} * n + ${column};`,
        `let value = ${activation === "relu" ? `relu(${value})` : value};`,
        memory.store("at", "value"),
      ];
    },
  });
}

/** A matrix of which `alongSide` and `alongDepth` are the strides. */
function strided(
  name: string,
  alongSide: string,
  alongDepth: string,
  load: (position: string) => string,
  loadFour: (position: string) => string,
): IndexedMatrix {
  const position = (side: string, depth: string): string => `${name}Side${side} + ${name}Depth${depth}`;
  return {
    side: (index, s) => [`let ${name}Side${s} = ${name}Start + ${index} * ${alongSide};`],
    depth: (k, s) => [`let ${name}Depth${s} = ${k} * ${alongDepth};`],
    element: (side, depth) => load(position(side, depth)),
    four: (side, depth) => loadFour(position(side, depth)),
  };
}
