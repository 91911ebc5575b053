import { argmax, array, Generator, random, scope, setDefaultDevice } from "@chain/array";
import { noBackpropMode, testMode } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { Summary } from "@chain/links";
import { Adam } from "@chain/optimizers";
import type { OutputStream } from "@chain/training";
import { randomFormula, type Formula } from "./formula.js";
import { FormulaReader } from "./model.js";

/** What training on formulas can be told on the command line. */
export interface FormulaOptions {
  readonly unit: number;
  readonly batchsize: number;
  readonly iteration: number;
  /** How deep operators may be inside of each other. */
  readonly depth: number;
  readonly seed: number;
  readonly device?: string;
}

/**
 * Trains a network on random formulas of logic, and counts how many of other ones it gets right as a whole.
 *
 * @returns the network, and the share of formulas that it says the right value of
 */
export async function trainOnFormulas(
  { batchsize, depth, device, iteration: last, seed, unit }: FormulaOptions,
  out: OutputStream = process.stdout,
): Promise<{ readonly model: FormulaReader; readonly accuracy: number }> {
  if (device !== undefined) await setDefaultDevice(device);
  random.seed(seed);
  const generator = new Generator(seed + 1);
  const draw = (count: number): Formula[] => Array.from({ length: count }, () => randomFormula(generator, depth));
  const test = draw(500);
  const model = new FormulaReader(unit);
  const optimizer = new Adam().setup(model);
  const losses = new Summary();
  let accuracy = 0;
  for (let iteration = 1; iteration <= last; iteration++) {
    const formulas = draw(batchsize);
    // Large at first, and in the second half less and less.
    optimizer.alpha = 0.02 * Math.min(1, 2 * (1 - (iteration - 1) / last));
    optimizer.update(() => {
      const { scores, values } = model.forward(formulas);
      const loss = F.softmaxCrossEntropy(scores, array(values));
      losses.add(loss);
      return loss;
    });
    if (iteration % 50 !== 0 && iteration !== last) continue;
    const loss = await losses.computeMean();
    losses.dispose();
    accuracy = share(await judge(model, test), test);
    out.write(`iteration ${iteration}  loss ${loss.toFixed(4)}  accuracy on new formulas ${accuracy.toFixed(3)}\n`);
  }
  return { model, accuracy };
}

/** What the network says of formulas as a whole. */
export async function judge(model: FormulaReader, formulas: readonly Formula[]): Promise<boolean[]> {
  const answers: boolean[] = [];
  for (let start = 0; start < formulas.length; start += 50) {
    const some = formulas.slice(start, start + 50);
    const guesses = scope(() =>
      argmax(testMode(() => noBackpropMode(() => model.forward(some).scores)).array, { axis: 1 }),
    );
    const guessed = await guesses.data();
    let position = -1;
    for (const formula of some) {
      // Operators come after their operands, so the whole formula is the last of its parts.
      position += size(formula);
      answers.push(guessed[position] === 1);
    }
  }
  return answers;
}

function size({ operands }: Formula): number {
  return operands.reduce((sum, operand) => sum + size(operand), 1);
}

function share(answers: readonly boolean[], formulas: readonly Formula[]): number {
  return answers.filter((answer, i) => answer === formulas[i]?.value).length / formulas.length;
}
