import { random, ValueError } from "@chain/array";
import { describe, expect, test } from "@jest/globals";
import { parseFormula, randomFormula, type Formula } from "../src/tree-lstm/formula.js";
import { FormulaReader } from "../src/tree-lstm/model.js";
import { judge, trainOnFormulas } from "../src/tree-lstm/train.js";
import { TextStream } from "./support/toy.js";

describe("formulas", () => {
  test.each([
    ["true", true],
    ["(not true)", false],
    ["(and true (not false) (or false true))", true],
    ["(and true false)", false],
    ["(or false (and false true))", false],
    ["(xor true true)", false],
    ["(xor true true true)", true],
  ])("%s is %s", (text, value) => expect(parseFormula(text).value).toBe(value));

  test.each(["", "maybe", "(and", "(and)", "(true)", "(not true false)", "true false", ")", "(and true maybe)"])(
    "%j is none",
    (text) => expect(() => parseFormula(text)).toThrow(ValueError),
  );

  test("random ones are of many shapes, as deep as they may be", () => {
    const depth = ({ operands }: Formula): number => Math.max(0, ...operands.map((operand) => 1 + depth(operand)));
    const shape = ({ operands }: Formula): string => `(${operands.map(shape).join("")})`;
    const formulas = Array.from({ length: 200 }, () => randomFormula(generator, 3));
    expect(Math.max(...formulas.map(depth))).toBe(3);
    expect(new Set(formulas.map(shape)).size).toBeGreaterThan(50);
  });
});

const generator = new random.Generator(4);

test("each network has the shape of its formula", () => {
  const { scores, values } = new FormulaReader(4).forward(["(and true (not false))", "true"].map(parseFormula));
  expect(scores.shape).toEqual([5, 2]);
  // Operands come before their operator.
  expect([...values]).toEqual([1, 0, 1, 1, 1]);
});

test("learns to tell true from false", async () => {
  const out = new TextStream();
  const options = { unit: 12, batchsize: 16, iteration: 150, depth: 2, seed: 0 };
  const { accuracy, model } = await trainOnFormulas(options, out);
  expect(accuracy).toBeGreaterThan(0.95);
  expect(out.text).toContain(`accuracy on new formulas ${accuracy.toFixed(3)}`);
  const formulas = ["(and true (not false))", "(or false (not true))", "(xor true (or true false))", "true"].map(
    parseFormula,
  );
  expect(await judge(model, formulas)).toEqual([true, false, false, true]);
}, 60_000);
