/** Models as ONNX files, from the graph that a run left behind. */
export { registerConverter, UnsupportedFunctionError, type Converter, type NodeClass } from "./converter.js";
export { exportOnnx, toOnnx, type OnnxOptions } from "./export.js";
export { type OnnxAttribute, type OnnxGraph } from "./onnx-graph.js";
