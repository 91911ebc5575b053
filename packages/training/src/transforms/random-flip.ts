import { arange, random, subtract, where, type NdArray } from "@chain/array";
import { imageTransform, type ImageTransform } from "./image-transform.js";
import { pickPixels } from "./pick-pixels.js";

/** Options of {@link randomFlip}. */
export interface RandomFlipOptions {
  /** Whether left and right are exchanged. Default: true. */
  readonly horizontal?: boolean;
  /** Whether top and bottom are exchanged. Default: false. */
  readonly vertical?: boolean;
}

/** Turns each image over with probability 0.5, along each of the axes that are asked for. */
export function randomFlip(options: RandomFlipOptions = {}): ImageTransform {
  const { horizontal = true, vertical = false } = options;
  return imageTransform("randomFlip", (images, shape) => {
    const [count, , height, width] = shape;
    const positions = (length: number, flip: boolean): NdArray => {
      const forward = arange(length, { dtype: "int32", device: images.device }).reshape(1, length);
      if (!flip) return forward;
      const coins = random.bernoulli(0.5, [count, 1], { device: images.device });
      return where(coins, subtract(length - 1, forward), forward);
    };
    const rows = positions(height, vertical);
    const columns = positions(width, horizontal);
    return pickPixels(images, shape, rows, columns);
  });
}
