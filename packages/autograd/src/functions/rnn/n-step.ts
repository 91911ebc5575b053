/** What the N-step functions share: layers, directions, sequences of different lengths. */
import { ValueError } from "@chain/array";
import { formatShape, sameShape } from "../../shape.js";
import {
  expectEqual,
  expectFloating,
  expectNdim,
  expectSameDtype,
  expectSameShape,
  invalidType,
} from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { concat } from "../array/concat.js";
import { separate } from "../array/separate.js";
import { splitAxis } from "../array/split-axis.js";
import { stack } from "../array/stack.js";
import { linear } from "../connection/linear.js";
import { dropout } from "../noise/dropout.js";
import { checkRatio } from "../noise/ratio.js";

/** Lists of parameters, one for each direction of each layer. */
export type ParameterLists = readonly (readonly VariableLike[])[];

/** What a kind of network does in one direction of one layer. */
export interface Direction {
  /** What all elements of all sequences (rows) contribute, in one product. */
  project(x: Variable): Variable;
  /** The next states, the output first, from the contribution of some rows and their present states. */
  next(contribution: Variable, states: readonly Variable[]): readonly Variable[];
}

/** A kind of network. */
export interface NStepNetwork {
  /** The function's name, for messages. */
  readonly name: string;
  /** Of a direction: number of matrices for the input, and of as many for the last output. */
  readonly gates: number;
  direction(ws: readonly VariableLike[], bs: readonly VariableLike[]): Direction;
}

/** How a network is run. */
export interface NStepArguments {
  readonly layers: number;
  /** 1, or 2 for both directions. */
  readonly directions: 1 | 2;
  readonly dropoutRatio: number;
  /** First states, the output first, each of shape `(layers · directions, batch, units)`. */
  readonly states: readonly VariableLike[];
  readonly ws: ParameterLists;
  readonly bs: ParameterLists;
  /** For each time, the elements of the sequences that are long enough, `(batch[t], inputs)`; none longer than the last. */
  readonly xs: readonly VariableLike[];
}

/** The last states, shaped as the first ones, and the outputs of the last layer, listed as the inputs. */
export interface NStepResult {
  readonly states: Variable[];
  readonly ys: Variable[];
}

/**
 * Runs a network over sequences. Between the layers all elements lie in one matrix, time after time, so that one product
 * a direction takes in all of them.
 */
export function runNStep(network: NStepNetwork, given: NStepArguments): NStepResult {
  checkArguments(network, given);
  const { layers, directions, dropoutRatio, ws, bs, xs } = given;
  const counts = xs.map((x) => x.shape[0] as number);
  let end = 0;
  const ends = counts.slice(0, -1).map((count) => (end += count));
  const first = given.states.map((state) => separate(state));
  const last: (readonly Variable[])[] = [];

  let rows = concat(xs, { axis: 0 });
  for (let layer = 0; layer < layers; layer++) {
    if (layer > 0 && dropoutRatio > 0) rows = dropout(rows, { ratio: dropoutRatio });
    const outputs: Variable[] = [];
    for (let side = 0; side < directions; side++) {
      const index = layer * directions + side;
      const direction = network.direction(ws[index] as readonly VariableLike[], bs[index] as readonly VariableLike[]);
      const contributions = splitAxis(direction.project(rows), ends, 0);
      const states = first.map((list) => list[index] as Variable);
      const run = (side === 0 ? runForward : runBackward)(direction, contributions, states);
      outputs.push(concat(run.outputs, { axis: 0 }));
      last.push(run.states);
    }
    rows = concat(outputs, { axis: 1 });
  }
  return {
    states: given.states.map((_, k) => stack(last.map((states) => states[k] as Variable))),
    ys: splitAxis(rows, ends, 0),
  };
}

interface Run {
  /** By time. */
  readonly outputs: Variable[];
  readonly states: readonly Variable[];
}

/** From first to last: sequences that have come to their end leave the batch, the last rows first. */
function runForward(direction: Direction, contributions: readonly Variable[], states: readonly Variable[]): Run {
  const outputs: Variable[] = [];
  const ended: (readonly Variable[])[] = [];
  let active = states;
  for (const contribution of contributions) {
    const rows = contribution.shape[0] as number;
    if (rows < (active[0]?.shape[0] as number)) {
      const parts = active.map((state) => splitAxis(state, [rows], 0));
      active = parts.map(([kept]) => kept as Variable);
      ended.unshift(parts.map(([, rest]) => rest as Variable));
    }
    active = direction.next(contribution, active);
    outputs.push(active[0] as Variable);
  }
  return { outputs, states: joinRows([active, ...ended]) };
}

/** From last to first: sequences join the batch as their ends are reached. */
function runBackward(direction: Direction, contributions: readonly Variable[], states: readonly Variable[]): Run {
  const counts = contributions.map(({ shape }) => shape[0] as number);
  const bounds = [...new Set(counts)].reverse();
  const parts = states.map((state) => splitAxis(state, bounds, 0));
  const outputs: Variable[] = [];
  let joined = 1;
  let active = parts.map((list) => list[0] as Variable);
  for (let time = contributions.length - 1; time >= 0; time--) {
    if (counts[time] !== active[0]?.shape[0]) {
      active = joinRows([active, parts.map((list) => list[joined] as Variable)]);
      joined++;
    }
    active = [...direction.next(contributions[time] as Variable, active)];
    outputs.unshift(active[0] as Variable);
  }
  return { outputs, states: joinRows([active, parts.map((list) => list[joined] as Variable)]) };
}

/** Each state, from parts of the batch; parts without rows are left out. */
function joinRows(parts: readonly (readonly Variable[])[]): Variable[] {
  const [first, ...others] = parts as readonly [readonly Variable[], ...(readonly Variable[])[]];
  const rest = others.filter(([state]) => state?.shape[0] !== 0);
  if (rest.length === 0) return [...first];
  return first.map((state, k) => concat([state, ...rest.map((part) => part[k] as Variable)], { axis: 0 }));
}

/** Matrices or biases one below the other. */
export function joinParameters(parameters: readonly VariableLike[]): Variable {
  return concat(parameters, { axis: 0 });
}

/** The product of all rows with all matrices for the input, with biases. */
export function projection(
  gates: number,
  ws: readonly VariableLike[],
  bias: VariableLike,
): (rows: Variable) => Variable {
  const W = joinParameters(ws.slice(0, gates));
  return (rows) => linear(rows, W, bias);
}

function checkArguments(network: NStepNetwork, given: NStepArguments): void {
  const { name, gates } = network;
  const { layers, directions, dropoutRatio, states, ws, bs, xs } = given;
  if (!Number.isInteger(layers) || layers < 1) throw new ValueError(`${name}: nLayers is 1 or more, got ${layers}`);
  checkRatio(name, dropoutRatio);
  const [hx] = states as readonly [VariableLike];
  expectFloating(name, "hx", asArray(hx));
  expectNdim(name, "hx", asArray(hx), 3);
  const [lists, , units] = hx.shape as readonly [number, number, number];
  expectEqual(name, "hx.shape[0]", lists, directions === 1 ? "nLayers" : "2 * nLayers", layers * directions);
  const [, cx] = states;
  if (cx !== undefined) {
    expectSameDtype(name, "hx", asArray(hx), "cx", asArray(cx));
    expectSameShape(name, "cx", asArray(cx), "hx", asArray(hx));
  }
  checkSequences(name, hx, xs);
  const inputs = xs[0]?.shape[1] as number;
  expectEqual(name, "length of ws", ws.length, "length of hx", lists);
  expectEqual(name, "length of bs", bs.length, "length of hx", lists);
  for (let index = 0; index < lists; index++) {
    const [weights, biases] = [ws[index] ?? [], bs[index] ?? []];
    expectEqual(name, `length of ws[${index}]`, weights.length, "matrices a layer", 2 * gates);
    expectEqual(name, `length of bs[${index}]`, biases.length, "biases a layer", 2 * gates);
    const width = index < directions ? inputs : directions * units;
    weights.forEach((w, i) => checkParameter(name, `ws[${index}][${i}]`, hx, w, [units, i < gates ? width : units]));
    biases.forEach((b, i) => checkParameter(name, `bs[${index}][${i}]`, hx, b, [units]));
  }
}

function checkSequences(name: string, hx: VariableLike, xs: readonly VariableLike[]): void {
  const [first] = xs;
  if (first === undefined) throw invalidType(name, "xs of one time or more", "an empty list");
  let rows = hx.shape[1] as number;
  let bound = "hx.shape[1]";
  xs.forEach((x, time) => {
    expectSameDtype(name, "hx", asArray(hx), `xs[${time}]`, asArray(x));
    expectNdim(name, `xs[${time}]`, asArray(x), 2);
    expectEqual(name, `xs[${time}].shape[1]`, x.shape[1] as number, "xs[0].shape[1]", first.shape[1] as number);
    const own = x.shape[0] as number;
    if (own > rows) throw invalidType(name, `xs[${time}].shape[0] <= ${bound}`, `${own} > ${rows}`);
    rows = own;
    bound = `xs[${time}].shape[0]`;
  });
}

function checkParameter(
  name: string,
  parameter: string,
  hx: VariableLike,
  given: VariableLike,
  shape: readonly number[],
): void {
  const array = asArray(given);
  expectSameDtype(name, "hx", asArray(hx), parameter, array);
  if (!sameShape(array.shape, shape)) {
    throw invalidType(name, `${parameter}.shape == ${formatShape(shape)}`, formatShape(array.shape));
  }
}
