// A program that names a device of an optional package, and imports nothing but arrays.
import { array, getDefaultDevice, matmul, setDefaultDevice } from "@chain/array";

await setDefaultDevice("gpujs");
const x = array([
  [1, 2],
  [3, 4],
]);
const product = JSON.stringify(await matmul(x, x).tolist());
if (getDefaultDevice() !== "gpujs" || x.device !== "gpujs" || product !== "[[7,10],[15,22]]") {
  throw new Error(`the device ${x.device} gave ${product}`);
}
