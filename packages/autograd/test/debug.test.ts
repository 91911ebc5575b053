import { array } from "@chain/array";
import { config, NaNError, usingConfig, Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";

const debugging = <T>(body: () => T): T => usingConfig("debug", true, body);

describe("debug mode", () => {
  test("names the function that makes NaN, and where it was called", () => {
    const x = new Variable(array([-1]));
    expect(() => debugging(() => F.log(x))).toThrow(NaNError);
    expect(() => debugging(() => F.log(x))).toThrow(
      /NaN in the forward computation of log, called at .*debug\.test\.ts/,
    );
    expect(F.log(x).array.itemSync()).toBeNaN();
  });

  test("checks gradients too", () => {
    debugging(() => {
      const y = F.mul(F.sqrt(new Variable(array([0]))), 0);
      expect(() => y.backward()).toThrow(/NaN in the backward computation of sqrt, called at .*debug\.test\.ts/);
    });
  });

  test("does not mind infinities and integers", () => {
    debugging(() => {
      expect(F.div(new Variable(array([1])), 0).array.itemSync()).toBe(Infinity);
      expect(F.argmax(new Variable(array([1, 2]))).array.itemSync()).toBe(1);
    });
  });

  test("tells where a variable was made", () => {
    expect(debugging(() => new Variable(array([1]))).madeAt).toMatch(/debug\.test\.ts/);
    expect(new Variable(array([1])).madeAt).toBeNull();
    expect(config.debug).toBe(false);
  });
});
