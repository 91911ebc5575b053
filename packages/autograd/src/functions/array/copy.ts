import { copy as copyArray, getHostDevice, toDevice, type NdArray } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import type { Variable, VariableLike } from "../../variable.js";

class Copy extends FunctionNode {
  constructor(
    private readonly from: string,
    private readonly to: string,
  ) {
    super();
  }

  override get label(): string {
    return "copy";
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    return [x.device === this.to ? copyArray(x) : toDevice(x, this.to)];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    return [new Copy(this.to, this.from).apply([gy])[0] as Variable];
  }
}

/**
 * Copies to a device; gradients are copied back.
 *
 * Follows Chainer's `copy`.
 *
 * @param dst - Name of the device. As in Chainer, -1 is the processor (see `getHostDevice`).
 * @throws DeviceError if there is no such device, or the one that holds `x` cannot be read at once.
 */
export function copy(x: VariableLike, dst: string | -1): Variable {
  const from = x.device;
  return new Copy(from, dst === -1 ? getHostDevice() : dst).apply([x])[0] as Variable;
}
