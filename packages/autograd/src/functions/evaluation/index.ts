export { accuracy, type AccuracyOptions } from "./accuracy.js";
export { binaryAccuracy } from "./binary-accuracy.js";
export {
  classificationSummary,
  type ClassificationSummaryOptions,
  type ClassOptions,
} from "./classification-summary.js";
export { f1Score } from "./f1-score.js";
export { precision } from "./precision.js";
export { r2Score, type R2ScoreOptions } from "./r2-score.js";
export { recall } from "./recall.js";
