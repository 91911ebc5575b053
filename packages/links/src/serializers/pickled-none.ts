/**
 * NumPy stores None as a pickle of a 0-d object array. Chain unpickles nothing; it knows the few byte strings that mean
 * None, and refuses every other pickle.
 */

/** Where NumPy 1 and NumPy 2 keep the function that makes an array. */
const modules = ["numpy.core.multiarray", "numpy._core.multiarray"];

/** How the dtype's flags are pickled: as booleans, or as 0 and 1 by old versions. */
const flags = ["\x89\x88", "K\x00K\x01"];

/** Protocols 2 and 3 name a class by two lines and memoize by number. */
function withLines(protocol: 2 | 3, module: string, flag: string): string {
  const bytes = protocol === 3 ? ["C\x01b"] : ["c_codecs\nencode\n", "X\x01\x00\x00\x00b", "X\x06\x00\x00\x00latin1"];
  let next = 0;
  const memo = (): string => `q${String.fromCharCode(next++)}`;
  const head = `\x80${String.fromCharCode(protocol)}c${module}\n_reconstruct\n${memo()}cnumpy\nndarray\n${memo()}K\x00\x85${memo()}`;
  const kind =
    protocol === 3
      ? `${bytes[0]}${memo()}`
      : `${bytes[0]}${memo()}${bytes[1]}${memo()}${bytes[2]}${memo()}\x86${memo()}R${memo()}`;
  const made = `\x87${memo()}R${memo()}(K\x01)`;
  const dtype = `cnumpy\ndtype\n${memo()}X\x02\x00\x00\x00O8${memo()}${flag}\x87${memo()}R${memo()}`;
  const state = `(K\x03X\x01\x00\x00\x00|${memo()}NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?t${memo()}b`;
  return `${head}${kind}${made}${dtype}${state}\x89]${memo()}Nat${memo()}b.`;
}

/** Protocols 4 and 5 put everything in a frame and memoize in order. */
function framed(protocol: 4 | 5, module: string, flag: string): string {
  const text = (s: string): string => `\x8c${String.fromCharCode(s.length)}${s}\x94`;
  const body =
    `${text(module)}${text("_reconstruct")}\x93\x94${text("numpy")}${text("ndarray")}\x93\x94K\x00\x85\x94C\x01b\x94` +
    `\x87\x94R\x94(K\x01)h\x03${text("dtype")}\x93\x94${text("O8")}${flag}\x87\x94R\x94` +
    `(K\x03${text("|")}NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?t\x94b\x89]\x94Nat\x94b.`;
  const length = `${String.fromCharCode(body.length)}\x00\x00\x00\x00\x00\x00\x00`;
  return `\x80${String.fromCharCode(protocol)}\x95${length}${body}`;
}

const known: ReadonlySet<string> = new Set(
  modules.flatMap((module) =>
    flags.flatMap((flag) => [
      withLines(2, module, flag),
      withLines(3, module, flag),
      framed(4, module, flag),
      framed(5, module, flag),
    ]),
  ),
);

/** None as NumPy 1.17–1.26 writes it; NumPy 2 reads it too. */
export const pickledNone: Uint8Array = Uint8Array.from(withLines(3, "numpy.core.multiarray", "\x89\x88"), (character) =>
  character.charCodeAt(0),
);

/** Whether these bytes are a pickle of `numpy.asarray(None)`. */
export function isPickledNone(bytes: Uint8Array): boolean {
  return bytes.length < 256 && known.has(String.fromCharCode(...bytes));
}
