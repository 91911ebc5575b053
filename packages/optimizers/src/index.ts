/** Gradient methods, each one fused kernel per parameter, and the hooks that change gradients before they are used. */
export { AdaDelta, AdaDeltaRule, type AdaDeltaHyperparameters } from "./ada-delta.js";
export { AdaGrad, AdaGradRule, type AdaGradHyperparameters } from "./ada-grad.js";
export {
  AdaBound,
  Adam,
  AdamRule,
  AdamW,
  AMSBound,
  AMSGrad,
  type AdamHyperparameters,
  type AdamVariantOptions,
} from "./adam.js";
export { GradientMethod } from "./gradient-method.js";
export { KernelHook, type HookOptions, type HookTiming, type OptimizerHook, type ParameterHook } from "./hook.js";
export { GradientClipping } from "./hooks/gradient-clipping.js";
export { GradientHardClipping } from "./hooks/gradient-hard-clipping.js";
export { GradientLARS, type GradientLARSOptions } from "./hooks/gradient-lars.js";
export { exponentialDecayNoise, GradientNoise, type NoiseFunction } from "./hooks/gradient-noise.js";
export { Lasso } from "./hooks/lasso.js";
export { WeightDecay } from "./hooks/weight-decay.js";
export {
  createHyperparameter,
  deriveHyperparameter,
  exposeHyperparameters,
  type Hyperparameter,
  type HyperparameterMethods,
  type Hyperparameters,
} from "./hyperparameter.js";
export {
  CorrectedMomentumSGD,
  CorrectedMomentumSGDRule,
  MomentumSGD,
  MomentumSGDRule,
  NesterovAG,
  NesterovAGRule,
  type MomentumHyperparameters,
} from "./momentum-sgd.js";
export { MSVAG, MSVAGRule, type MSVAGHyperparameters } from "./msvag.js";
export { Optimizer, type LossFunction } from "./optimizer.js";
export { RMSpropGraves, RMSpropGravesRule, type RMSpropGravesHyperparameters } from "./rmsprop-graves.js";
export { RMSprop, RMSpropRule, type RMSpropHyperparameters } from "./rmsprop.js";
export { SGD, SGDRule, type SGDHyperparameters } from "./sgd.js";
export { SMORMS3, SMORMS3Rule, type SMORMS3Hyperparameters } from "./smorms3.js";
export { UpdateRule, type RuleState } from "./update-rule.js";
