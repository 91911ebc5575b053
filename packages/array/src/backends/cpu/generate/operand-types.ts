import type { OperandType, Program } from "../../../kernel/program.js";

/** The arrays of a program: outputs, then inputs that are arrays. */
export function operandTypes({ outputs, inputs }: Program): readonly OperandType[] {
  return [...outputs, ...inputs.filter((input): input is OperandType => input.layout !== "number")];
}
