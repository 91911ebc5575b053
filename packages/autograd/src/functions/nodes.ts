/**
 * The nodes that functions leave in the graph, with what a run was told besides its inputs: for those who translate a graph
 * (`@chain/autograd/nodes`). Functions that are composed of others have none.
 */
export { LogSoftmax } from "./activation/log-softmax.js";
export { Softmax } from "./activation/softmax.js";
export { BroadcastTo } from "./array/broadcast-to.js";
export { Cast } from "./array/cast.js";
export { Concat, SplitAxis } from "./array/concat.js";
export { GetItem } from "./array/get-item.js";
export { PadConstant } from "./array/pad.js";
export { Reshape } from "./array/reshape.js";
export { Transpose } from "./array/transpose.js";
export type { CellDefinition } from "./cell-definition.js";
export { CellNode } from "./cell-node.js";
export { ConvolutionNd, DeconvolutionNd } from "./connection/convolution-nodes.js";
export { EmbedID } from "./connection/embed-id.js";
export { Linear } from "./connection/linear.js";
export type { ElementwiseDefinition } from "./elementwise-definition.js";
export { ElementwiseNode } from "./elementwise-node.js";
export { Fused } from "./fused-function.js";
export { Cumsum } from "./math/cumsum.js";
export { Identity } from "./math/identity.js";
export { Logsumexp } from "./math/logsumexp.js";
export { MatMul } from "./math/matmul.js";
export { Extremum } from "./math/max.js";
export { Sum } from "./math/sum.js";
export { FixedBatchNormalization } from "./normalization/fixed-batch-normalization.js";
export { NormalizeRows } from "./normalization/normalize-rows.js";
export { MaxPooling } from "./pooling/max-pooling.js";
export { WindowSpread, WindowSums } from "./pooling/window-sum-functions.js";
export type { Windows } from "./pooling/windows.js";
