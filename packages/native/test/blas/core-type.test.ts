import { describe, expect, test } from "@jest/globals";
import { openBlasCoreType } from "../../src/blas/core-type.js";

const avx512 = ["avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd"];

describe("openBlasCoreType", () => {
  test("kernels for AVX-512 where the processor has all that they need", () => {
    expect(openBlasCoreType(new Set(["sse2", "avx2", "fma", ...avx512, "avx512_bf16"]))).toBe("SkylakeX");
  });

  test.each(avx512)("the library's own choice without %s", (missing) => {
    expect(openBlasCoreType(new Set(["avx2", "fma", ...avx512.filter((flag) => flag !== missing)]))).toBeNull();
  });

  test("the library's own choice where nothing is known", () => {
    expect(openBlasCoreType(new Set())).toBeNull();
  });
});
