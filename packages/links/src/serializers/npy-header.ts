import { SerializationError } from "./serialization-error.js";

/** What the header of an NPY file says. */
export interface NpyHeader {
  /** Element type as NumPy writes it: `<f4`. */
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Position of the first element in the file, in bytes. */
  readonly dataOffset: number;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Longest header that is read; a real one has about 120 bytes. */
const longestHeader = 1 << 16;

/** Bytes that {@link headerLength} looks at. */
const prefixLength = 12;

/** Length of the magic string, version and header of a file that begins with `prefix`, in bytes. */
export function headerLength(prefix: Uint8Array): number {
  if (prefix.length < prefixLength || magic.some((byte, i) => prefix[i] !== byte)) {
    throw new SerializationError("it is not an NPY array");
  }
  const major = prefix[6] as number;
  if (major < 1 || major > 3) throw new SerializationError(`its NPY version ${major} is not known (1, 2 and 3 are)`);
  const view = new DataView(prefix.buffer, prefix.byteOffset);
  const start = major === 1 ? 10 : 12;
  const length = start + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (length > longestHeader) throw new SerializationError(`its NPY header is ${length} bytes long`);
  return length;
}

/** Parses the header of a file of which at least the first {@link headerLength} bytes are given. */
export function parseHeader(bytes: Uint8Array): NpyHeader {
  const dataOffset = headerLength(bytes);
  if (bytes.length < dataOffset) throw new SerializationError("its NPY header is cut off");
  const major = bytes[6] as number;
  const text = new TextDecoder(major === 3 ? "utf-8" : "latin1").decode(
    bytes.subarray(major === 1 ? 10 : 12, dataOffset),
  );
  const fields = new LiteralReader(text).dictionary();
  const { descr, fortran_order: fortranOrder, shape } = Object.fromEntries(fields);
  if (typeof descr !== "string" || typeof fortranOrder !== "boolean" || !Array.isArray(shape) || fields.size !== 3) {
    throw new SerializationError(`its NPY header makes no sense: ${text.trim()}`);
  }
  return { descr, fortranOrder, shape, dataOffset };
}

/** The magic string, version and header of a C-ordered array, padded to a multiple of 64 bytes as NumPy does. */
export function formatHeader(descr: string, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const total = Math.ceil((10 + text.length + 1) / 64) * 64;
  const header = new Uint8Array(total).fill(0x20);
  header.set(magic);
  header[6] = 1;
  header[7] = 0;
  new DataView(header.buffer).setUint16(8, total - 10, true);
  for (let i = 0; i < text.length; i++) header[10 + i] = text.charCodeAt(i);
  header[total - 1] = 0x0a;
  return header;
}

type Literal = string | boolean | number[];

/** Reads the Python literal that a header is: a dictionary of strings, booleans and tuples of whole numbers. */
class LiteralReader {
  private at = 0;

  constructor(private readonly text: string) {}

  dictionary(): Map<string, Literal> {
    const entries = new Map<string, Literal>();
    this.expect(/\{/y);
    while (!this.take(/\}/y)) {
      const key = this.expect(/'(\w+)'|"(\w+)"/y);
      this.expect(/:/y);
      entries.set(key[1] ?? (key[2] as string), this.value());
      if (!this.take(/,/y)) {
        this.expect(/\}/y);
        break;
      }
    }
    if (!this.take(/$/y)) this.fail();
    return entries;
  }

  private value(): Literal {
    const boolean = this.take(/(True|False)\b/y);
    if (boolean) return boolean[1] === "True";
    const string = this.take(/'([^'\\]*)'|"([^"\\]*)"/y);
    if (string) return string[1] ?? (string[2] as string);
    if (this.take(/\[/y)) throw new SerializationError("it holds records, which Chain has no dtype for");
    this.expect(/\(/y);
    const numbers: number[] = [];
    while (!this.take(/\)/y)) {
      numbers.push(Number(this.expect(/(\d{1,15})L?/y)[1]));
      if (!this.take(/,/y)) {
        this.expect(/\)/y);
        break;
      }
    }
    return numbers;
  }

  private take(pattern: RegExp): RegExpExecArray | null {
    while (/\s/.test(this.text[this.at] ?? "")) this.at++;
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match !== null) this.at = pattern.lastIndex;
    return match;
  }

  private expect(pattern: RegExp): RegExpExecArray {
    return this.take(pattern) ?? this.fail();
  }

  private fail(): never {
    throw new SerializationError(`its NPY header makes no sense: ${this.text.trim()}`);
  }
}
