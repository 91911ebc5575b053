import type { NdArray, Shape } from "@chain/array";

/** How a cell function sees an array: as one operand, or as several that lie beside one another along its second axis. */
export interface Packing<N extends number = number> {
  readonly parts: N;
  /** Whether the parts of a unit are neighbours (`a0 i0 f0 o0 a1 …`); otherwise each part is a block of its own. */
  readonly interleaved: boolean;
}

/** One operand. */
export const whole: Packing<1> = { parts: 1, interleaved: false };

/** Shape `(N, units · parts, …)`, where part `p` of unit `u` is column `u · parts + p`, as Chainer packs gates. */
export function interleaved<N extends number>(parts: N): Packing<N> {
  return { parts, interleaved: true };
}

/** Shape `(N, parts · units, …)`, where part `p` of unit `u` is column `p · units + u`. */
export function blocks<N extends number>(parts: N): Packing<N> {
  return { parts, interleaved: false };
}

/** Shape of an array whose parts have a shape. */
export function packedShape(unit: Shape, { parts }: Packing): Shape {
  return parts === 1 ? unit : unit.with(1, (unit[1] as number) * parts);
}

/** Shape of the parts of an array; null if it cannot be divided. */
export function unitShape({ shape }: { readonly shape: Shape }, { parts }: Packing): Shape | null {
  if (parts === 1) return shape;
  const width = shape[1];
  return width === undefined || width % parts !== 0 ? null : shape.with(1, width / parts);
}

/** A view of one part of an array; the array itself if it is all there is. */
export function partOf(x: NdArray, packing: Packing, part: number): NdArray {
  const { parts } = packing;
  if (parts === 1) return x;
  const units = (x.shape[1] as number) / parts;
  const stride = x.strides[1] as number;
  const shape = x.shape.with(1, units);
  return packing.interleaved
    ? x.view(shape, x.strides.with(1, stride * parts), x.offset + part * stride)
    : x.view(shape, x.strides, x.offset + part * units * stride);
}
