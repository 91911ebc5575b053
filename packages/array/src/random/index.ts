/**
 * Random numbers of the default generator, in NumPy's terms. `seed(n)` makes a program repeatable; a {@link Generator}
 * of one's own makes a part of it independent of the rest.
 */
import { Generator, type GeneratorState } from "./generator.js";

export { Generator, type ChoiceOptions, type GeneratorState } from "./generator.js";

let current: Generator | null = null;

/** The generator behind the functions of this module; seeded by the system until {@link seed} is called. */
export function defaultGenerator(): Generator {
  current ??= new Generator();
  return current;
}

/** Starts the default generator's stream for a whole number from 0 to 2^53 - 1. */
export function seed(value: number): void {
  defaultGenerator().state = { seed: value, counter: 0 };
}

/** Seed and position of the default generator. */
export function getState(): GeneratorState {
  return defaultGenerator().state;
}

/** Continues the default generator's stream at a position that {@link getState} gave. */
export function setState(state: GeneratorState): void {
  defaultGenerator().state = state;
}

/** See {@link Generator.random}. */
export const random: Generator["random"] = () => defaultGenerator().random();
/** See {@link Generator.uniform}. */
export const uniform: Generator["uniform"] = (...args) => defaultGenerator().uniform(...args);
/** See {@link Generator.normal}. */
export const normal: Generator["normal"] = (...args) => defaultGenerator().normal(...args);
/** See {@link Generator.rand}. */
export const rand: Generator["rand"] = (...args) => defaultGenerator().rand(...args);
/** See {@link Generator.randn}. */
export const randn: Generator["randn"] = (...args) => defaultGenerator().randn(...args);
/** See {@link Generator.exponential}. */
export const exponential: Generator["exponential"] = (...args) => defaultGenerator().exponential(...args);
/** See {@link Generator.gumbel}. */
export const gumbel: Generator["gumbel"] = (...args) => defaultGenerator().gumbel(...args);
/** See {@link Generator.randint}. */
export const randint: Generator["randint"] = (...args) => defaultGenerator().randint(...args);
/** See {@link Generator.bernoulli}. */
export const bernoulli: Generator["bernoulli"] = (...args) => defaultGenerator().bernoulli(...args);
/** See {@link Generator.permutation}. */
export const permutation: Generator["permutation"] = (...args) => defaultGenerator().permutation(...args);
/** See {@link Generator.shuffle}. */
export const shuffle: Generator["shuffle"] = (...args) => defaultGenerator().shuffle(...args);
/** See {@link Generator.choice}. */
export const choice: Generator["choice"] = (...args) => defaultGenerator().choice(...args);
