export { GRU, StatefulGRU } from "./stateful-gru.js";
export { StatelessGRU } from "./stateless-gru.js";
export type { GRUOptions } from "./gru-base.js";
export { LSTM } from "./lstm.js";
export type { LSTMOptions } from "./lstm-base.js";
export { StatelessLSTM } from "./stateless-lstm.js";
