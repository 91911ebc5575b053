export {
  averagePooling1d,
  averagePooling2d,
  averagePooling3d,
  averagePoolingNd,
  type AveragePoolingOptions,
} from "./average-pooling.js";
export {
  maxPooling1d,
  maxPooling2d,
  maxPooling3d,
  maxPoolingNd,
  type MaxPoolingOptions,
  type MaxPoolingResult,
} from "./max-pooling.js";
export { spatialPyramidPooling2d, type SpatialPyramidPooling2dOptions } from "./spatial-pyramid-pooling-2d.js";
export { unpooling1d, unpooling2d, unpooling3d, unpoolingNd, type UnpoolingOptions } from "./unpooling.js";
export { upsampling2d } from "./upsampling-2d.js";
export type { PerAxis } from "./windows.js";
export { roiAverageAlign2d, roiMaxAlign2d, type RoiAlign2dOptions } from "./roi-align-2d.js";
export { roiAveragePooling2d, roiMaxPooling2d, roiPooling2d } from "./roi-pooling-2d.js";
