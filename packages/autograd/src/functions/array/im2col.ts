import {
  addAt,
  asStrided,
  getItem,
  pad,
  reshape,
  scope,
  slice,
  ValueError,
  zeros,
  type NdArray,
  type Shape,
} from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { expectFloating, expectNdim, expectThat } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";

/** How windows lie along one axis. */
interface Windows {
  readonly size: number;
  readonly stride: number;
  readonly pad: number;
  readonly dilate: number;
}

type Geometry = readonly [vertical: Windows, horizontal: Windows];

/** Number of windows along an axis of `length`; with `coverAll`, enough of them to cover every element. */
function windowCount(length: number, { size, stride, pad: padding, dilate }: Windows, coverAll: boolean): number {
  const reach = size + (size - 1) * (dilate - 1);
  const room = length + 2 * padding - reach + (coverAll ? stride - 1 : 0);
  return Math.floor(room / stride) + 1;
}

class Im2Col extends FunctionNode {
  constructor(
    private readonly geometry: Geometry,
    private readonly coverAll: boolean,
  ) {
    super();
  }

  override get label(): string {
    return "im2col";
  }

  override checkTypeForward([x]: readonly [NdArray]): void {
    expectFloating("im2col", "x", x);
    expectNdim("im2col", "x", x, 4);
    this.counts(x.shape).forEach((count, i) => {
      const name = ["height", "width"][i] as string;
      expectThat("im2col", count > 0, `x with room for a window in its ${name}`, `${x.shape[2 + i]}`);
    });
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    return scope(() => {
      const padded = padImage(x, this.geometry);
      const [height, width] = this.counts(x.shape);
      const [v, h] = this.geometry;
      const [batch, channels, tall, wide] = padded.shape as readonly [number, number, number, number];
      const windows = asStrided(
        padded,
        [batch, channels, v.size, h.size, height, width],
        [channels * tall * wide, tall * wide, v.dilate * wide, h.dilate, v.stride * wide, h.stride],
      );
      return [reshape(windows, [batch, channels * v.size * h.size, height, width])];
    });
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    return [new Col2Im(this.geometry, this.coverAll, this.inputShape(0)).apply([gy])[0] as Variable];
  }

  private counts(shape: Shape): [number, number] {
    const [v, h] = this.geometry;
    return [windowCount(shape[2] as number, v, this.coverAll), windowCount(shape[3] as number, h, this.coverAll)];
  }
}

/** Adds the windows up at the places that they came from. */
class Col2Im extends FunctionNode {
  constructor(
    private readonly geometry: Geometry,
    private readonly coverAll: boolean,
    private readonly shape: Shape,
  ) {
    super();
  }

  override get label(): string {
    return "im2col-grad";
  }

  override forward([gy]: readonly [NdArray]): NdArray[] {
    const [v, h] = this.geometry;
    const [batch, channels, tall, wide] = this.shape as readonly [number, number, number, number];
    const [height, width] = gy.shape.slice(2) as [number, number];
    return scope(() => {
      const windows = reshape(gy, [batch, channels, v.size, h.size, height, width]);
      const lengths = [tall + v.pad * 2 + v.stride - 1, wide + h.pad * 2 + h.stride - 1];
      const padded = zeros([batch, channels, ...lengths], { dtype: gy.dtype, device: gy.device });
      for (let y = 0; y < v.size; y++) {
        const rows = steps(y * v.dilate, height, v.stride);
        for (let x = 0; x < h.size; x++) {
          const columns = steps(x * h.dilate, width, h.stride);
          addAt(padded, [slice(), slice(), rows, columns], getItem(windows, [slice(), slice(), y, x]));
        }
      }
      return [getItem(padded, [slice(), slice(), slice(v.pad, v.pad + tall), slice(h.pad, h.pad + wide)])];
    });
  }

  override backward(_indexes: readonly number[], [ggx]: readonly [Variable]): Gradients {
    return [new Im2Col(this.geometry, this.coverAll).apply([ggx])[0] as Variable];
  }
}

/** `count` positions from `start` on. */
function steps(start: number, count: number, stride: number): ReturnType<typeof slice> {
  return slice(start, start + (count - 1) * stride + 1, stride);
}

/** Zeros around an image, enough for windows that reach over its end. */
function padImage(x: NdArray, [v, h]: Geometry): NdArray {
  return pad(x, [[0], [0], [v.pad, v.pad + v.stride - 1], [h.pad, h.pad + h.stride - 1]]);
}

/** One number for both axes, or one for each. */
type Pair = number | readonly [number, number];

/** Options of {@link im2col}. */
export interface Im2ColOptions {
  /** Distance between windows, 1 by default. */
  readonly stride?: Pair;
  /** Width of the border of zeros, 0 by default. */
  readonly pad?: Pair;
  /** Whether windows cover every element, reaching over the end if need be. Default false. */
  readonly coverAll?: boolean;
  /** Distance between the elements of a window, 1 by default. */
  readonly dilate?: Pair;
}

/**
 * Windows of an image as channels: what a convolution multiplies with its kernel.
 *
 * Follows Chainer's `im2col`.
 *
 * @param x - Shape `(batch, channels, height, width)`, floating.
 * @param ksize - Height and width of a window.
 * @returns Shape `(batch, channels · kh · kw, out height, out width)`.
 * @throws InvalidType if `x` is not floating, has not four axes, or is smaller than a window; ValueError for sizes that
 * make no sense.
 */
export function im2col(x: VariableLike, ksize: Pair, options: Im2ColOptions = {}): Variable {
  const { stride = 1, pad: padding = 0, coverAll = false, dilate = 1 } = options;
  const windowsAlong = (axis: 0 | 1): Windows => ({
    size: sizeOf("ksize", ksize, axis, 1),
    stride: sizeOf("stride", stride, axis, 1),
    pad: sizeOf("pad", padding, axis, 0),
    dilate: sizeOf("dilate", dilate, axis, 1),
  });
  return new Im2Col([windowsAlong(0), windowsAlong(1)], coverAll).apply([x])[0] as Variable;
}

function sizeOf(name: string, given: Pair, axis: 0 | 1, least: number): number {
  const value = typeof given === "number" ? given : given[axis];
  if (!Number.isInteger(value) || value < least) {
    throw new ValueError(`im2col: ${name} is a whole number from ${least} up, got ${value}`);
  }
  return value;
}
