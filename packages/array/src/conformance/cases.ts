import type { CaseDefinition } from "./context.js";
import { convolutionCases } from "./convolutions.js";
import { layoutCases } from "./layouts.js";
import { memoryCases } from "./memory.js";
import { operationCases } from "./operations.js";
import { poolingCases } from "./pooling.js";
import { randomCases } from "./random.js";
import { reductionCases } from "./reductions.js";
import { routineCases } from "./routines.js";
import { rowwiseCases } from "./rowwise.js";

/** Every case, from the simplest to those that build on it. */
export const allCases: readonly CaseDefinition[] = [
  ...memoryCases,
  ...operationCases,
  ...layoutCases,
  ...reductionCases,
  ...rowwiseCases,
  ...routineCases,
  ...convolutionCases,
  ...poolingCases,
  ...randomCases,
];
