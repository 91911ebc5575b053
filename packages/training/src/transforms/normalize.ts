import { array, InvalidType, ValueError } from "@chain/array";
import { div, elementwise, sub } from "@chain/array/kernel";
import { imageTransform, type ImageTransform } from "./image-transform.js";

const normalizeKernel = elementwise("normalize_images", (x, mean, deviation) => div(sub(x, mean), deviation));

/**
 * Subtracts a mean from each channel and divides it by a standard deviation: float32 of any dtype but float64.
 *
 * @param mean of each channel, in the pixels' own scale
 * @param deviation of each channel
 */
export function normalize(mean: readonly number[], deviation: readonly number[]): ImageTransform {
  if (mean.length !== deviation.length || !deviation.every((value) => value > 0)) {
    throw new ValueError(
      `normalize takes a mean and a positive deviation for each channel, got ${mean.length} and (${deviation.join(", ")})`,
    );
  }
  return imageTransform("normalize", (images, [, channels]) => {
    if (channels !== mean.length) {
      throw InvalidType.of("normalize", `images of ${mean.length} channels`, `${channels} channels`);
    }
    const dtype = images.dtype === "float64" ? "float64" : "float32";
    const perChannel = (values: readonly number[]) =>
      array(values, { dtype, device: images.device }).reshape(1, channels, 1, 1);
    return normalizeKernel(images, perChannel(mean), perChannel(deviation));
  });
}
