import { ValueError } from "@chain/array";

/** Names of an array's axes: letters, and `...0`, `...1`, … for the axes of an ellipsis, counted from the last. */
export type Labels = readonly string[];

/** Reads NumPy's subscripts (`"ij,jk->ik"`) for operands with given numbers of axes. */
export function parseSubscripts(text: string, ndims: readonly number[]): { inputs: Labels[]; output: Labels } {
  const fail = (reason: string): ValueError => new ValueError(`einsum: ${reason} in "${text}"`);
  const [left = "", right, ...more] = text.replaceAll(" ", "").split("->");
  const terms = left.split(",");
  if (more.length > 0) throw fail("more than one ->");
  if (terms.length !== ndims.length) throw fail(`${terms.length} operands, got ${ndims.length},`);
  for (const term of right === undefined ? terms : [...terms, right]) {
    if (!/^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(term)) throw fail(`"${term}" is no list of letters`);
  }
  let widest = 0;
  const inputs = terms.map((term, i) => {
    const ndim = ndims[i] as number;
    const letters = term.replace("...", "").length;
    const spread = term.includes("...") ? ndim - letters : 0;
    if (spread < 0 || letters + spread !== ndim) throw fail(`"${term}" does not fit an operand with ${ndim} axes`);
    widest = Math.max(widest, spread);
    return expand(term, spread);
  });
  const all = inputs.flat();
  if (right === undefined) {
    const once = [...new Set(all)].filter((label) => label.length === 1 && count(all, label) === 1).sort();
    return { inputs, output: [...expand("...", widest), ...once] };
  }
  if (widest > 0 && !right.includes("...")) throw fail("the result lacks the ... of the operands");
  const output = expand(right, widest);
  for (const label of output) {
    if (!all.includes(label)) throw fail(`the result names "${label}", which no operand has,`);
    if (count(output, label) > 1) throw fail(`the result names "${label}" twice`);
  }
  return { inputs, output };
}

function expand(term: string, spread: number): Labels {
  const [before = "", after] = term.split("...");
  if (after === undefined) return before.split("");
  return [...before.split(""), ...Array.from({ length: spread }, (_, i) => `...${spread - 1 - i}`), ...after.split("")];
}

function count(labels: Labels, label: string): number {
  return labels.filter((other) => other === label).length;
}
