import { currentScope, scope } from "../memory/scope.js";
import { NdArray } from "../ndarray.js";

/**
 * Runs a function that is made of several operations, in a scope of its own, and sees to it that nothing but the result
 * counts as a reference afterwards: neither to the memory of `inputs` (all arrays that the caller gave, `out` included),
 * of which the body may have made views, nor to memory made inside. So disposing of any of them frees what it should.
 */
export function compose<T extends NdArray | readonly NdArray[]>(
  inputs: readonly (NdArray | number | null | undefined)[],
  body: () => T,
): T {
  const given = inputs.filter((input): input is NdArray => input instanceof NdArray);
  const references = given.map(({ storage }) => storage.references);
  return scope(() => {
    const result = body();
    given.forEach(({ storage }, i) => (storage.references = references[i] as number));
    const arrays: readonly NdArray[] = isList(result) ? result : [result];
    const made = arrays.filter((array) => !given.includes(array));
    for (const { storage } of made) if (isLocal(storage)) storage.references = 0;
    for (const { storage } of made) {
      if (isLocal(storage) || given.some((input) => input.storage === storage)) storage.references++;
    }
    return result;
  });
}

/** Whether memory was made in the scope that is open. */
function isLocal({ scope: owner }: NdArray["storage"]): boolean {
  return owner !== null && owner === currentScope();
}

function isList(result: NdArray | readonly NdArray[]): result is readonly NdArray[] {
  return Array.isArray(result);
}
