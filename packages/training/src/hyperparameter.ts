import { ValueError } from "@chain/array";
import type { Optimizer } from "@chain/optimizers";

/** The value of an optimizer's hyperparameter. */
export function readHyperparameter(optimizer: Optimizer, name: string): number {
  const value = name in optimizer ? (optimizer as unknown as Record<string, unknown>)[name] : undefined;
  if (typeof value !== "number") {
    throw new ValueError(`${optimizer.constructor.name} has no hyperparameter "${name}"`);
  }
  return value;
}

/** Changes an optimizer's hyperparameter. */
export function writeHyperparameter(optimizer: Optimizer, name: string, value: number): void {
  readHyperparameter(optimizer, name);
  (optimizer as unknown as Record<string, number>)[name] = value;
}
