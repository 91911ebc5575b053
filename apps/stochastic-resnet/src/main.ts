import { ChainError } from "@chain/array";
import { TrainingInterrupted } from "@chain/training";

/** Runs a program: errors that say what to do are printed in one line, others with their stack. */
export async function main(program: (argv: readonly string[]) => Promise<void>): Promise<void> {
  try {
    await program(process.argv.slice(2));
  } catch (error) {
    process.exitCode = error instanceof TrainingInterrupted ? error.exitCode : 1;
    console.error(error instanceof ChainError ? error.message : error);
  }
}
