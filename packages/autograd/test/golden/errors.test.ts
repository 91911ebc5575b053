import { type ChainError, IndexError, InvalidType, ValueError } from "@chain/array";
import { describe, expect, test } from "@jest/globals";
import { call, isPresent } from "./call.js";
import { decode, readCases } from "./cases.js";

/** The error that stands here for an exception of Chainer's. */
const classes: Record<string, new (message: string) => ChainError> = {
  InvalidType,
  ValueError,
  IndexError,
  RuntimeError: InvalidType,
};

/** Refused there for telling an int from a float, which JavaScript does not. */
const accepted = ["clipped_relu/1"];

describe.each(readCases("errors.json").filter(({ id, name }) => isPresent(name) && !accepted.includes(id)))(
  "$id is refused",
  (golden) => {
    test(golden.raises ?? "", () => {
      const args = golden.args.map((arg) => decode(arg, true));
      const expected = classes[golden.raises ?? ""];
      expect(expected).toBeDefined();
      expect(() => call(golden, args)).toThrow(expected);
    });
  },
);
