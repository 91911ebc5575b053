/** Chain with matrix products of the system's BLAS library. */
import { blas } from "@chain/native";

if (blas === null) throw new Error("there is no BLAS library");
export { contestant } from "./chain.js";
