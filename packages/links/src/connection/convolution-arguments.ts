import { ValueError, type Shape } from "@chain/array";

/**
 * Sizes and options of a link that convolves: `(inChannels, outChannels, ksize, options)`. With `inChannels` null, or
 * left out (`new Convolution2D(64, 3)`), it is taken from the first input.
 */
export type ConvolutionArguments<Axes extends readonly number[], Options> =
  | [inChannels: number | null, outChannels: number, ksize: number | Axes, options?: Options]
  | [outChannels: number, ksize: number | Axes, options?: Options];

/** Those arguments by name. */
export interface NamedConvolutionArguments<Axes extends readonly number[], Options> {
  readonly inChannels: number | null;
  readonly outChannels: number;
  readonly ksize: number | Axes;
  readonly options: Options | undefined;
}

/** Arguments of one form or the other, told apart. */
export function convolutionArguments<Axes extends readonly number[], Options>(
  args: ConvolutionArguments<Axes, Options>,
): NamedConvolutionArguments<Axes, Options> {
  const [first, second, third, fourth] = args;
  if (isSize(third)) {
    return { inChannels: first, outChannels: second as number, ksize: third as number | Axes, options: fourth };
  }
  return { inChannels: null, outChannels: first as number, ksize: second, options: third as Options | undefined };
}

function isSize(value: unknown): boolean {
  return typeof value === "number" || Array.isArray(value);
}

/** Lengths of a kernel's axes: the same for all, or one for each. */
export function kernelShape(link: string, ksize: number | readonly number[], axes: number): Shape {
  const shape = typeof ksize === "number" ? new Array<number>(axes).fill(ksize) : ksize;
  if (shape.length !== axes || !shape.every((length) => Number.isInteger(length) && length > 0)) {
    throw new ValueError(`${link}: ksize is a whole number from 1 up, or ${axes} of them, got ${String(ksize)}`);
  }
  return shape;
}

/** Channels of one group. */
export function channelsPerGroup(link: string, what: string, channels: number, groups: number): number {
  if (channels % groups !== 0) {
    throw new ValueError(`${link}: ${what}, ${channels}, is no multiple of groups, ${groups}`);
  }
  return channels / groups;
}
