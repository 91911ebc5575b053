import { ValueError } from "../errors.js";
import type { HostStream } from "./philox-host.js";

/** Draws positions below `count` with given probabilities, on the host. */
export function weightedChoice(
  stream: HostStream,
  count: number,
  draws: number,
  weights: ArrayLike<number>,
  replace: boolean,
): Int32Array {
  const total = checkedTotal(count, weights);
  return replace ? withReplacement(stream, draws, weights, total) : withoutReplacement(stream, count, draws, weights);
}

function checkedTotal(count: number, weights: ArrayLike<number>): number {
  if (weights.length !== count) {
    throw new ValueError(`choice: ${weights.length} probabilities for ${count} elements`);
  }
  let total = 0;
  for (let i = 0; i < count; i++) {
    const weight = weights[i] as number;
    if (!(weight >= 0)) throw new ValueError(`choice: probabilities must not be negative, got ${weight}`);
    total += weight;
  }
  // float32 probabilities add up to 1 only roughly.
  if (!(Math.abs(total - 1) <= 1e-4)) throw new ValueError(`choice: probabilities add up to ${total}, not 1`);
  return total;
}

function withReplacement(stream: HostStream, draws: number, weights: ArrayLike<number>, total: number): Int32Array {
  const cumulative = new Float64Array(weights.length);
  let sum = 0;
  for (let i = 0; i < weights.length; i++) cumulative[i] = sum += weights[i] as number;
  return Int32Array.from({ length: draws }, () => {
    const target = stream.next() * total;
    let low = 0;
    let high = weights.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle] as number) > target) high = middle;
      else low = middle + 1;
    }
    return low;
  });
}

/** The order of exponential waiting times is that of drawing one after the other (Efraimidis and Spirakis, 2006). */
function withoutReplacement(stream: HostStream, count: number, draws: number, weights: ArrayLike<number>): Int32Array {
  const times = Float64Array.from({ length: count }, (_, i) => -Math.log(1 - stream.next()) / (weights[i] as number));
  const possible = Array.from({ length: count }, (_, i) => i).filter((i) => (weights[i] as number) > 0);
  if (possible.length < draws) {
    throw new ValueError(`choice: only ${possible.length} elements have a probability above 0, ${draws} are wanted`);
  }
  possible.sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
  return Int32Array.from(possible.slice(0, draws));
}
