import { ValueError, type Generator } from "@chain/array";

/** A parse tree of a formula of logic: a truth value, or an operator with as many operands as it was given. */
export interface Formula {
  readonly word: Word;
  readonly operands: readonly Formula[];
  /** Whether it is true. */
  readonly value: boolean;
}

/** Words of formulas. `xor` is true if an odd number of its operands is. */
export const words = ["false", "true", "not", "and", "or", "xor"] as const;
export type Word = (typeof words)[number];

const meaning: Readonly<Record<Word, (operands: readonly boolean[]) => boolean>> = {
  false: () => false,
  true: () => true,
  not: ([operand]) => operand === false,
  and: (operands) => operands.every((operand) => operand),
  or: (operands) => operands.some((operand) => operand),
  xor: (operands) => operands.filter((operand) => operand).length % 2 === 1,
};

/** A formula made of parts that are there already. */
export function makeFormula(word: Word, operands: readonly Formula[] = []): Formula {
  return { word, operands, value: meaning[word](operands.map((operand) => operand.value)) };
}

/**
 * Parses a formula: `(and true (not false) (or false true))`.
 *
 * @throws ValueError if it is none.
 */
export function parseFormula(text: string): Formula {
  const tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  let position = 0;
  const fail = (wanted: string): ValueError =>
    new ValueError(`expected ${wanted} in "${text}", got ${JSON.stringify(tokens[position] ?? "the end")}`);
  const formula = (): Formula => {
    const token = tokens[position];
    if (token === "true" || token === "false") {
      position++;
      return makeFormula(token);
    }
    if (token !== "(") throw fail('"true", "false" or "("');
    position++;
    const operator = words.find((word) => word === tokens[position]);
    if (operator === undefined || operator === "true" || operator === "false") throw fail("an operator");
    position++;
    const operands: Formula[] = [];
    while (tokens[position] !== ")") operands.push(formula());
    if (operands.length === 0 || (operator === "not" && operands.length > 1)) throw fail(`operands of "${operator}"`);
    position++;
    return makeFormula(operator, operands);
  };
  const parsed = formula();
  if (position < tokens.length) throw fail("the end");
  return parsed;
}

/** A random formula, with operators inside of each other at most `depth` deep. */
export function randomFormula(generator: Generator, depth: number): Formula {
  const below = (n: number): number => Math.floor(generator.random() * n);
  if (depth === 0 || below(4) === 0) return makeFormula(below(2) === 0 ? "false" : "true");
  const operator = words[2 + below(4)] as Word;
  const count = operator === "not" ? 1 : 2 + below(2);
  return makeFormula(
    operator,
    Array.from({ length: count }, () => randomFormula(generator, depth - 1)),
  );
}
