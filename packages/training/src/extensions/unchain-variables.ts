import { Variable } from "@chain/autograd";
import { makeExtension, PRIORITY_READER, type Extension } from "../extension.js";

/**
 * An extension that cuts the graphs behind all observed Variables, every iteration, so that what they hold can be given
 * back before the next one begins. Of use where reported Variables keep their graphs (`config.keepGraphOnReport`).
 */
export function unchainVariables(): Extension {
  return makeExtension(
    ({ observation }) => {
      for (const value of Object.values(observation)) if (value instanceof Variable) value.unchainBackward();
    },
    { defaultName: "unchain_variables", priority: PRIORITY_READER - 1 },
  );
}
