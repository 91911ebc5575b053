import { random, ValueError } from "@chain/array";
import { imageTransform, type ImageTransform } from "./image-transform.js";
import { pickPixels, positionsFrom } from "./pick-pixels.js";

/** Options of {@link randomCrop}. */
export interface RandomCropOptions {
  /** Zeros around each image before it is cut. Default: 0. */
  readonly pad?: number;
}

/**
 * Cuts a part of `size` (height and width, or one number for both) out of each image, each at a random place of its own.
 *
 * @throws ValueError if the images, padded, are smaller than that.
 */
export function randomCrop(
  size: number | readonly [height: number, width: number],
  options: RandomCropOptions = {},
): ImageTransform {
  const [high, wide] = typeof size === "number" ? [size, size] : size;
  const { pad = 0 } = options;
  if (!Number.isInteger(pad) || pad < 0) throw new ValueError(`pad of randomCrop is a number of pixels, got ${pad}`);
  if (![high, wide].every((length) => Number.isInteger(length) && length > 0)) {
    throw new ValueError(`size of randomCrop is in pixels, got ${high} x ${wide}`);
  }
  return imageTransform("randomCrop", (images, shape) => {
    const [count, , height, width] = shape;
    const room = [height + 2 * pad - high, width + 2 * pad - wide] as const;
    if (room[0] < 0 || room[1] < 0) {
      throw new ValueError(
        `randomCrop cannot cut ${high} x ${wide} pixels out of ${height} x ${width} with a padding of ${pad}`,
      );
    }
    const [top, left] = room.map((most) => random.randint(-pad, most - pad + 1, [count], { device: images.device }));
    if (top === undefined || left === undefined) return images;
    return pickPixels(images, shape, positionsFrom(top, high), positionsFrom(left, wide));
  });
}
