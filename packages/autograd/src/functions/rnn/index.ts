export { lstm } from "./lstm.js";
export { slstm } from "./slstm.js";
