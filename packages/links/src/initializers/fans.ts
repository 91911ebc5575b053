import { ValueError, type Shape } from "@chain/array";

/** Which number of connections a scale is taken from. */
export type FanOption = "fan_in" | "fan_out";

/**
 * How many inputs each output, and how many outputs each input is connected to: axis 0 counts outputs, axis 1 inputs,
 * the others are a filter's.
 */
export function getFans(shape: Shape): { readonly fanIn: number; readonly fanOut: number } {
  const [outputs, inputs, ...filter] = shape;
  if (outputs === undefined || inputs === undefined) {
    throw new ValueError(`this initializer needs a shape of two axes or more, got (${shape.join(", ")})`);
  }
  const field = filter.reduce((product, length) => product * length, 1);
  return { fanIn: inputs * field, fanOut: outputs * field };
}

/** The number of connections that `option` names. */
export function fanOf(shape: Shape, option: FanOption): number {
  const { fanIn, fanOut } = getFans(shape);
  if (option === "fan_in") return fanIn;
  if (option === "fan_out") return fanOut;
  throw new ValueError(`fanOption is "fan_in" or "fan_out", got ${String(option)}`);
}
