/** A program that runs a trained network in a page: nothing but its layers. */
import { array, setDefaultDevice } from "@chain/array";
import { noBackpropMode, Variable } from "@chain/autograd";
import { relu } from "@chain/autograd/functions";
import { Linear } from "@chain/links";

const [l1, l2] = [new Linear(784, 100), new Linear(100, 10)];

/** The scores of the ten classes of a picture. */
export async function infer(device: string, picture: Float32Array): Promise<ArrayLike<number>> {
  await setDefaultDevice(device);
  const x = new Variable(array(picture).reshape([1, -1]));
  return noBackpropMode(() => l2.forward(relu(l1.forward(x)))).array.data();
}
