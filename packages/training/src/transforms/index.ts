/** Transforms of images, for `TransformBatchDataset`. */
export { compose, type ImageTransform } from "./image-transform.js";
export { normalize } from "./normalize.js";
export { randomCrop, type RandomCropOptions } from "./random-crop.js";
export { randomFlip, type RandomFlipOptions } from "./random-flip.js";
