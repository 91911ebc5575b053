import { expandDims, scope, squeeze, ValueError, type NdArray } from "@chain/array";

/**
 * Makes images of images: of shape (n, channels, height, width), or of one image (channels, height, width). Random ones
 * take their numbers from the framework's generator, so that a seed repeats them and a snapshot goes on with them.
 */
export type ImageTransform = (images: NdArray) => NdArray;

/** Images of a minibatch. */
export type ImageShape = readonly [count: number, channels: number, height: number, width: number];

/** A transform of whole minibatches, which takes a single image for a minibatch of one. */
export function imageTransform(
  name: string,
  transform: (images: NdArray, shape: ImageShape) => NdArray,
): ImageTransform {
  return (images) =>
    scope(() => {
      if (images.ndim === 4) return transform(images, images.shape as unknown as ImageShape);
      if (images.ndim !== 3) {
        throw new ValueError(
          `${name} takes images of shape (n, channels, height, width) or one of (channels, height, width), ` +
            `got (${images.shape.join(", ")})`,
        );
      }
      return squeeze(transform(expandDims(images, 0), [1, ...images.shape] as unknown as ImageShape), { axis: 0 });
    });
}

/** Transforms one after the other. */
export function compose(...transforms: readonly ImageTransform[]): ImageTransform {
  return (images) => scope(() => transforms.reduce((result, transform) => transform(result), images));
}
