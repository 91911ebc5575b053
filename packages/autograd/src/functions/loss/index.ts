export { absoluteError } from "./absolute-error.js";
export { bernoulliNll, type BernoulliNllOptions } from "./bernoulli-nll.js";
export { blackOut, type BlackOutOptions } from "./black-out.js";
export {
  connectionistTemporalClassification,
  type ConnectionistTemporalClassificationOptions,
} from "./connectionist-temporal-classification.js";
export { contrastive, type ContrastiveOptions } from "./contrastive.js";
export { argmaxCrf1d, crf1d, type Crf1dOptions } from "./crf1d.js";
export { crossCovariance, type CrossCovarianceOptions } from "./cross-covariance.js";
export { decov, type DecovOptions } from "./decov.js";
export {
  discriminativeMarginBasedClusteringLoss,
  type DiscriminativeMarginBasedClusteringLossOptions,
} from "./discriminative-margin-based-clustering-loss.js";
export { gaussianKlDivergence, type GaussianKlDivergenceOptions } from "./gaussian-kl-divergence.js";
export { gaussianNll, type GaussianNllOptions } from "./gaussian-nll.js";
export { hinge, type HingeOptions } from "./hinge.js";
export { huberLoss, type HuberLossOptions } from "./huber-loss.js";
export { meanAbsoluteError } from "./mean-absolute-error.js";
export { meanSquaredError } from "./mean-squared-error.js";
export {
  negativeSampling,
  type LossWithSamples,
  type NegativeSamplingOptions,
  type Sampler,
} from "./negative-sampling.js";
export { sigmoidCrossEntropy, type SigmoidCrossEntropyOptions } from "./sigmoid-cross-entropy.js";
export { softmaxCrossEntropy, type SoftmaxCrossEntropyOptions } from "./softmax-cross-entropy.js";
export { squaredDifference, squaredError } from "./squared-error.js";
export { triplet, type TripletOptions } from "./triplet.js";
