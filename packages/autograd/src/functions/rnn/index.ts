export { lstm } from "./lstm.js";
export { nStepBigru, nStepGru } from "./n-step-gru.js";
export { nStepBilstm, nStepLstm } from "./n-step-lstm.js";
export { nStepBirnn, nStepRnn, type NStepRnnOptions, type RnnActivation } from "./n-step-rnn.js";
export type { ParameterLists } from "./n-step.js";
export { slstm } from "./slstm.js";
export { treeLstm } from "./tree-lstm.js";
