/** Convolutions and their gradients as products of matrices whose elements are looked up in images, weights, gradients. */
import type { Activation } from "../../../routines.js";
import type { Product, ProductMemory, ProductSource } from "./product.js";

/** Which of the three products. */
export type ConvolutionPass = "forward" | "gradInput" | "gradWeight";

/** Everything that makes a different shader: what is divided by is known to the compiler. */
export interface ConvolutionVariant {
  readonly pass: ConvolutionPass;
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilate: readonly number[];
  readonly bias: boolean;
  readonly activation: Activation;
}

/**
 * Bindings of a and b: weights and images (forward), weights and gradients (gradInput), gradients and images
 * (gradWeight). Positions are u32, so what lies before an image is far behind its end.
 */
export function convolutionProduct(variant: ConvolutionVariant): ProductSource {
  return (memory) => products[variant.pass](variant, memory);
}

const products = { forward, gradInput, gradWeight } as const;

/** Of images and outputs: elements of a channel and of an image, lengths, and where the first window begins. */
function sizeParameters({ kernel }: ConvolutionVariant): string[] {
  return [
    "aOffset",
    "bOffset",
    "outOffset",
    "inSize",
    "outSize",
    "inImage",
    "outImage",
    ...kernel.flatMap((_, i) => [`in${i}`, `out${i}`, `pad${i}`]),
  ];
}

/** Sums over input channels and the kernel; columns are the positions of the output, image after image. */
function forward(variant: ConvolutionVariant, memory: ProductMemory): Product {
  const steps = stepsOf(variant.kernel);
  return {
    parameters: [...sizeParameters(variant), "inner", ...(variant.bias ? ["biasOffset"] : [])],
    batch: ["let firstRow = batch * m;", "let images = bOffset + batch * inner * inSize;"],
    // Weights by output channel, and by input channel and place in the kernel.
    a: {
      side: (row, s) => [`let aSide${s} = aOffset + (firstRow + ${row}) * depth;`],
      depth: (k, s) => [`let aDepth${s} = ${k};`],
      element: (side, depth) => memory.a(`aSide${side} + aDepth${depth}`),
    },
    b: {
      side: (column, s) => [
        `let image${s} = ${column} / outSize;`,
        ...split(`${column} % outSize`, "p", s, outLengths(variant)),
        ...windowLines(variant, s),
        `let bSide${s} = images + image${s} * inImage + ${linear(variant, "begin", s, "in")};`,
      ],
      depth: (k, s) => [
        `let channel${s} = ${k} / ${steps}u;`,
        ...split(`${k} % ${steps}u`, "q", s, kernelLengths(variant)),
        ...variant.dilate.map((step, i) => `let shift${i}${s} = q${i}${s} * ${step}u;`),
        `let bDepth${s} = channel${s} * inSize + ${linear(variant, "shift", s, "in")};`,
      ],
      element: (side, depth) =>
        `select(0.0, ${memory.b(`bSide${side} + bDepth${depth}`)}, ${inside(variant, (i) => `begin${i}${side} + shift${i}${depth}`, "in")})`,
    },
    store: (row, column, sum) => {
      const value = variant.bias ? `(${sum} + ${memory.bias(`biasOffset + firstRow + ${row}`)})` : sum;
      return [
        `let at = outOffset + (${column} / outSize) * outImage + (firstRow + ${row}) * outSize + ${column} % outSize;`,
        memory.store("at", variant.activation === "relu" ? `relu(${value})` : value),
      ];
    },
  };
}

/** Sums over output channels and the kernel; columns are the positions of the input, image after image. */
function gradInput(variant: ConvolutionVariant, memory: ProductMemory): Product {
  const steps = stepsOf(variant.kernel);
  const axes = variant.kernel.map((_, i) => i);
  // How far a window begins before the position; it has to be a multiple of the stride.
  const distance = (i: number, side: string, depth: string): string => `(reach${i}${side} - shift${i}${depth})`;
  const window = (i: number, side: string, depth: string): string => {
    const step = variant.stride[i] as number;
    return step === 1 ? distance(i, side, depth) : `(${distance(i, side, depth)} / ${step}u)`;
  };
  return {
    parameters: [...sizeParameters(variant), "outputs"],
    batch: [
      "let firstRow = batch * m;",
      "let gradients = bOffset + batch * outputs * outSize;",
      `let weights = aOffset + batch * outputs * m * ${steps}u;`,
    ],
    a: {
      side: (row, s) => [`let aSide${s} = weights + ${row} * ${steps}u;`],
      depth: (k, s) => [`let aDepth${s} = (${k} / ${steps}u) * (m * ${steps}u) + ${k} % ${steps}u;`],
      element: (side, depth) => memory.a(`aSide${side} + aDepth${depth}`),
    },
    b: {
      side: (column, s) => [
        `let image${s} = ${column} / inSize;`,
        ...split(`${column} % inSize`, "p", s, inLengths(variant)),
        ...axes.map((i) => `let reach${i}${s} = p${i}${s} + pad${i};`),
        `let bSide${s} = gradients + image${s} * outImage;`,
      ],
      depth: (k, s) => [
        ...split(`${k} % ${steps}u`, "q", s, kernelLengths(variant)),
        ...variant.dilate.map((step, i) => `let shift${i}${s} = q${i}${s} * ${step}u;`),
        `let bDepth${s} = (${k} / ${steps}u) * outSize;`,
      ],
      element: (side, depth) => {
        const at = axes.reduce(
          (sum, i) => (i === 0 ? window(i, side, depth) : `(${sum} * out${i} + ${window(i, side, depth)})`),
          "",
        );
        const conditions = axes.flatMap((i) => {
          const step = variant.stride[i] as number;
          const hits = step === 1 ? [] : [`${distance(i, side, depth)} % ${step}u == 0u`];
          return [...hits, `${window(i, side, depth)} < out${i}`];
        });
        return `select(0.0, ${memory.b(`bSide${side} + bDepth${depth} + ${at}`)}, ${all(conditions)})`;
      },
    },
    store: (row, column, sum) => [
      `let at = outOffset + (${column} / inSize) * inImage + (firstRow + ${row}) * inSize + ${column} % inSize;`,
      memory.store("at", sum),
    ],
  };
}

/** Sums over images and positions of the output; columns are input channels and the kernel. */
function gradWeight(variant: ConvolutionVariant, memory: ProductMemory): Product {
  const steps = stepsOf(variant.kernel);
  const place = (k: string, s: string): string[] => [
    `let image${s} = ${k} / outSize;`,
    `let position${s} = ${k} % outSize;`,
  ];
  return {
    parameters: [...sizeParameters(variant), "inner"],
    batch: [],
    a: {
      side: (row, s) => [`let aSide${s} = aOffset + (batch * m + ${row}) * outSize;`],
      depth: (k, s) => [...place(k, s), `let aDepth${s} = image${s} * outImage + position${s};`],
      element: (side, depth) => memory.a(`aSide${side} + aDepth${depth}`),
    },
    b: {
      side: (column, s) => [
        ...split(`${column} % ${steps}u`, "q", s, kernelLengths(variant)),
        ...variant.dilate.map((step, i) => `let shift${i}${s} = q${i}${s} * ${step}u;`),
        `let channel${s} = batch * inner + ${column} / ${steps}u;`,
        `let bSide${s} = bOffset + channel${s} * inSize + ${linear(variant, "shift", s, "in")};`,
      ],
      depth: (k, s) => [
        ...place(k, s),
        ...split(`position${s}`, "p", s, outLengths(variant)),
        ...windowLines(variant, s),
        `let bDepth${s} = image${s} * inImage + ${linear(variant, "begin", s, "in")};`,
      ],
      element: (side, depth) =>
        `select(0.0, ${memory.b(`bSide${side} + bDepth${depth}`)}, ${inside(variant, (i) => `begin${i}${depth} + shift${i}${side}`, "in")})`,
    },
    store: (row, column, sum) => [
      `let at = outOffset + (batch * m + ${row}) * n + ${column};`,
      memory.store("at", sum),
    ],
  };
}

function stepsOf(kernel: readonly number[]): number {
  return kernel.reduce((product, length) => product * length, 1);
}

function kernelLengths({ kernel }: ConvolutionVariant): string[] {
  return kernel.map((length) => `${length}u`);
}

function outLengths({ kernel }: ConvolutionVariant): string[] {
  return kernel.map((_, i) => `out${i}`);
}

function inLengths({ kernel }: ConvolutionVariant): string[] {
  return kernel.map((_, i) => `in${i}`);
}

/** Lines that take a linear position apart: `<name><axis>`. */
function split(position: string, name: string, s: string, lengths: readonly string[]): string[] {
  const lines: string[] = [];
  let rest = `(${position})`;
  for (let i = lengths.length - 1; i > 0; i--) {
    const next = `${name}Rest${i}${s}`;
    lines.push(`let ${name}${i}${s} = ${rest} % ${lengths[i]};`, `let ${next} = ${rest} / ${lengths[i]};`);
    rest = next;
  }
  return [...lines, `let ${name}0${s} = ${rest};`];
}

/** Where the window of output position `p` begins in the input; before it for the padding. */
function windowLines({ stride }: ConvolutionVariant, s: string): string[] {
  return stride.map((step, i) => `let begin${i}${s} = p${i}${s} * ${step}u - pad${i};`);
}

/** The linear position of `<name><axis>` among lengths `in` or `out`. */
function linear({ kernel }: ConvolutionVariant, name: string, s: string, lengths: string): string {
  return kernel.reduce((sum, _, i) => (i === 0 ? `${name}0${s}` : `(${sum} * ${lengths}${i} + ${name}${i}${s})`), "");
}

function inside({ kernel }: ConvolutionVariant, position: (i: number) => string, lengths: string): string {
  return all(kernel.map((_, i) => `${position(i)} < ${lengths}${i}`));
}

/** Without the branches that `&&` means: several for every element overtax the compiler of a GPU that is a program. */
function all(conditions: readonly string[]): string {
  return conditions.map((condition) => `(${condition})`).join(" & ");
}
