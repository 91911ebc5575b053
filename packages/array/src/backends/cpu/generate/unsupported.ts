/** Thrown while generating: the program has something that only the JavaScript generator knows. */
export class Unsupported extends Error {
  override readonly name = "Unsupported";
}
