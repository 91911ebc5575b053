import { array } from "@chain/array";
import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";
import { words, type Formula } from "./formula.js";

/**
 * Says of every part of a formula whether it is true. The network is as large and has the shape of the formula: it is
 * whatever the recursion does.
 */
export class FormulaReader extends L.Chain {
  readonly embed: L.EmbedID;
  readonly cell: L.ChildSumTreeLSTM;
  readonly output: L.Linear;

  constructor(units: number) {
    super();
    this.embed = new L.EmbedID(words.length, units);
    this.cell = new L.ChildSumTreeLSTM(units, units);
    this.output = new L.Linear(units, 2);
  }

  /** Scores of false and true for each part of each formula, operands before their operator, and the right answers. */
  override forward(formulas: readonly Formula[]): { scores: Variable; values: Int32Array } {
    const outputs: Variable[] = [];
    const values: number[] = [];
    const read = ({ operands, value, word }: Formula): [c: Variable, h: Variable] => {
      const states = operands.map(read);
      const x = this.embed.forward(array([words.indexOf(word)], { dtype: "int32" }));
      const [c, h] = this.cell.forward(...states.map(([state]) => state), ...states.map(([, output]) => output), x);
      outputs.push(h);
      values.push(value ? 1 : 0);
      return [c, h];
    };
    for (const formula of formulas) read(formula);
    return { scores: this.output.forward(F.concat(outputs, { axis: 0 })), values: Int32Array.from(values) };
  }
}
