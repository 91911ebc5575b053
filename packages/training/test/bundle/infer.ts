/** A program that runs a trained network in a page: nothing but its layers. */
import { array, setDefaultDevice } from "@chain/array";
import { noBackpropMode, Variable } from "@chain/autograd";
import { relu } from "@chain/autograd/functions";
import { Linear } from "@chain/links";

const [l1, l2] = [new Linear(784, 100), new Linear(100, 10)];

/** Moves the network to another device than the one that is there at the start. */
export async function moveTo(device: string): Promise<void> {
  await setDefaultDevice(device);
  moveAtOnce(device);
}

/** Moves its weights to a device that is open. */
export function moveAtOnce(device: string): void {
  for (const link of [l1, l2]) link.toDevice(device);
}

/** The scores of the ten classes of a picture. */
export async function infer(picture: Float32Array): Promise<ArrayLike<number>> {
  const x = new Variable(array(picture).reshape([1, -1]));
  return noBackpropMode(() => l2.forward(relu(l1.forward(x)))).array.data();
}
