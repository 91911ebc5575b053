/** Base class of every error that Chain throws on purpose. */
export class ChainError extends Error {
  override readonly name: string = "ChainError";
}

/** Arguments of a function have shapes or dtypes that it does not take (Chainer's `InvalidType`). */
export class InvalidType extends ChainError {
  override readonly name = "InvalidType";
  /** `subject (where): expected <expected>, got <actual>`. */
  static of(subject: string, expected: string, actual: string): InvalidType {
    return new InvalidType(`${subject}: expected ${expected}, got ${actual}`);
  }
}

/** An argument has the right type and a value that makes no sense (NumPy's and Chainer's `ValueError`). */
export class ValueError extends ChainError {
  override readonly name = "ValueError";
}

/** An index lies outside an array, or there are too many indices (NumPy's `IndexError`). */
export class IndexError extends ChainError {
  override readonly name = "IndexError";
}

/** A device is unknown, not available, or cannot do what was asked of it. */
export class DeviceError extends ChainError {
  override readonly name = "DeviceError";
}

/** Memory of a device is exhausted. */
export class OutOfMemoryError extends ChainError {
  override readonly name = "OutOfMemoryError";
}

/** An array was used after its memory had been freed. */
export class UseAfterFreeError extends ChainError {
  override readonly name = "UseAfterFreeError";
}

/** A kernel definition is not valid. */
export class KernelError extends ChainError {
  override readonly name = "KernelError";
}
