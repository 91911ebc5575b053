import { ChainError, isFloating, type NdArray } from "@chain/array";
import { logicalOr, ne, reduction } from "@chain/array/kernel";

/** A function made NaN while `config.debug` was on. */
export class NaNError extends ChainError {
  override readonly name = "NaNError";
}

const anyNaN = reduction("any_nan", { map: (x) => ne(x, x), combine: logicalOr, identity: 0 });

/**
 * Throws if any array holds a NaN. On a device that cannot be read at once the error comes as an unhandled rejection
 * when the device has answered.
 */
export function checkNaN(arrays: readonly (NdArray | null)[], message: () => string): void {
  for (const array of arrays) {
    if (array === null || !isFloating(array.dtype)) continue;
    const found = anyNaN(array);
    if (found.storage.backend.readSync !== undefined) {
      if (found.itemSync() !== 0) throw new NaNError(message());
    } else {
      const text = message();
      void found.item().then((value) => {
        if (value !== 0) throw new NaNError(text);
      });
    }
  }
}
