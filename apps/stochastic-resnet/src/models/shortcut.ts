import { ellipsis, slice } from "@chain/array";
import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";

/** The way past a residual block, without parameters: every `stride`-th pixel, and zeros in channels that are new. */
export function shortcut(x: Variable, outChannels: number, stride: number): Variable {
  const fewer = stride === 1 ? x : F.getItem(x, [ellipsis, slice(null, null, stride), slice(null, null, stride)]);
  const more = outChannels - (x.shape[1] as number);
  return more === 0 ? fewer : F.pad(fewer, [[0, 0], [0, more], [0, 0], [0, 0]], "constant"); // prettier-ignore
}
