import { ValueError } from "../errors.js";

/** Labels of every operand's axes and of the result's. */
export interface Subscripts {
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/** Stands for the axis `fromEnd` places before the last one of an ellipsis. */
function ellipsisLabel(fromEnd: number): string {
  return `...${fromEnd}`;
}

/** Reads NumPy's subscripts (`"ij,jk->ik"`, `"...ij,...jk"`) for operands with these numbers of axes. */
export function parseSubscripts(text: string, ndims: readonly number[]): Subscripts {
  const compact = text.replaceAll(" ", "");
  const [left, right, ...more] = compact.split("->") as [string, string?, ...string[]];
  const terms = left.split(",");
  const fail = (reason: string): ValueError => new ValueError(`einsum: ${reason} in "${text}"`);
  if (more.length > 0 || right?.includes(",")) throw fail("expected one result");
  if (terms.length !== ndims.length) {
    throw new ValueError(`einsum: "${text}" names ${terms.length} operands, got ${ndims.length}`);
  }
  for (const term of [...terms, right ?? ""]) {
    if (!/^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(term))
      throw fail(`"${term}" is no list of letters and at most one "..."`);
  }
  const spread = terms.map((term, i) => (term.includes("...") ? (ndims[i] as number) - (term.length - 3) : 0));
  const inputs = terms.map((term, i) => {
    const ndim = ndims[i] as number;
    if ((spread[i] as number) < 0 || (!term.includes("...") && term.length !== ndim)) {
      throw fail(`"${term}" does not fit an operand with ${ndim} axes`);
    }
    return labelsOf(term, spread[i] as number);
  });
  const widest = Math.max(0, ...spread);
  const all = inputs.flat();
  if (right === undefined) {
    const letters = [...new Set(all)].filter((label) => label.length === 1 && count(all, label) === 1).sort();
    return { inputs, output: [...labelsOf("...", widest), ...letters] };
  }
  if (widest > 0 && !right.includes("...")) throw fail('the result lacks the "..." of the operands');
  const output = labelsOf(right, widest);
  for (const label of output) {
    if (!all.includes(label)) throw fail(`the result has "${label}", which no operand has,`);
    if (count(output, label) > 1) throw fail(`the result has "${label}" twice`);
  }
  return { inputs, output };
}

function labelsOf(term: string, spread: number): string[] {
  const [before, after] = term.split("...") as [string, string?];
  if (after === undefined) return before.split("");
  const between = Array.from({ length: spread }, (_, i) => ellipsisLabel(spread - 1 - i));
  return [...before.split(""), ...between, ...after.split("")];
}

function count(labels: readonly string[], label: string): number {
  return labels.filter((other) => other === label).length;
}
