/** The differentiable functions (Chainer's `chainer.functions`): `import * as F from "@chain/autograd/functions"`. */
export * from "./activation/index.js";
export * from "./array/index.js";
export * from "./connection/index.js";
export * from "./evaluation/index.js";
export * from "./loss/index.js";
export * from "./math/index.js";
export * from "./noise/index.js";
export * from "./normalization/index.js";
export * from "./pooling/index.js";
export * from "./rnn/index.js";
export * from "./util/index.js";
// Results are Variables; this export sees to it that they come with their methods.
export { Variable } from "../variable-methods.js";
