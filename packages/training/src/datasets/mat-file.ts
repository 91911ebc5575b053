import { ValueError } from "@chain/array";
import { decompress } from "../dataset/gunzip.js";
import type { NumericArray } from "../dataset/gather.js";

/** A numeric array of a MAT file. */
export interface MatArray {
  readonly shape: readonly number[];
  /** Its elements as they are stored; the first axis changes fastest. */
  readonly data: NumericArray;
}

/** Types of data elements by their numbers. */
const elementTypes = {
  1: Int8Array,
  2: Uint8Array,
  3: Int16Array,
  4: Uint16Array,
  5: Int32Array,
  6: Uint32Array,
  7: Float32Array,
  9: Float64Array,
} as const;
interface NumericArrayType {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): NumericArray;
}
const MATRIX = 14;
const COMPRESSED = 15;
/** Classes of matrices that are full and numeric: double to uint32. */
const [FIRST_CLASS, LAST_CLASS] = [6, 13];
const HEADER_BYTES = 128;

/**
 * Reads numeric arrays out of a MAT file of MATLAB 5 to 7.2 ("MAT-File Format", The MathWorks): little-endian, compressed
 * or not. Variables of other kinds are passed over.
 *
 * @param file its name, for errors
 * @returns arrays by the names of their variables
 * @throws ValueError if it is another kind of file, or damaged
 */
export async function readMatFile(bytes: Uint8Array<ArrayBuffer>, file: string): Promise<Map<string, MatArray>> {
  try {
    checkHeader(bytes);
    const arrays = new Map<string, MatArray>();
    const elements = new ElementReader(bytes.subarray(HEADER_BYTES));
    while (!elements.done) {
      let element = elements.next();
      if (element.type === COMPRESSED) element = new ElementReader(await decompress(element.content, "deflate")).next();
      if (element.type !== MATRIX) continue;
      const named = parseMatrix(element.content);
      if (named !== null) arrays.set(...named);
    }
    return arrays;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ValueError(`${file} cannot be read as a MAT file: ${reason}; remove it to get it again`, {
      cause: error,
    });
  }
}

function checkHeader(bytes: Uint8Array): void {
  if (bytes.length < HEADER_BYTES) throw new ValueError("it is too short");
  const [minor, major, endian, letter] = bytes.subarray(HEADER_BYTES - 4);
  if (major === 2) throw new ValueError("it is one of version 7.3, which is HDF5");
  const isLittle = endian === "I".charCodeAt(0) && letter === "M".charCodeAt(0);
  if (minor !== 0 || major !== 1 || !isLittle) throw new ValueError("it has no header of version 5, little-endian");
}

interface Element {
  readonly type: number;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** Data elements one after the other: type, length, content, padded to multiples of eight bytes. */
class ElementReader {
  private position = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array<ArrayBuffer>) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.position >= this.bytes.length;
  }

  next(): Element {
    if (this.position + 8 > this.bytes.length) throw new ValueError("it is cut off");
    const word = this.view.getUint32(this.position, true);
    // Up to four bytes are stored together with their length.
    const isSmall = word > 0xffff;
    const [type, length] = isSmall
      ? [word & 0xffff, word >>> 16]
      : [word, this.view.getUint32(this.position + 4, true)];
    const start = this.position + (isSmall ? 4 : 8);
    const end = isSmall ? this.position + 8 : start + length;
    if (start + length > Math.min(end, this.bytes.length)) throw new ValueError("it is cut off");
    this.position = type === COMPRESSED ? end : Math.ceil(end / 8) * 8;
    return { type, content: this.bytes.subarray(start, start + length) };
  }
}

/** Name and array of a variable; null if it is not a numeric one. */
function parseMatrix(content: Uint8Array<ArrayBuffer>): [name: string, array: MatArray] | null {
  const parts = new ElementReader(content);
  const kind = parts.next().content[0] ?? 0;
  if (kind < FIRST_CLASS || kind > LAST_CLASS) return null;
  const shape = [...numbersOf(parts.next())];
  const variable = new TextDecoder().decode(parts.next().content);
  const data = numbersOf(parts.next());
  const size = shape.reduce((product, length) => product * length, 1);
  if (data.length !== size)
    throw new ValueError(`${variable} has ${data.length} elements and shape (${shape.join(", ")})`);
  return [variable, { shape, data }];
}

function numbersOf({ content, type }: Element): NumericArray {
  if (!(type in elementTypes)) throw new ValueError(`there are no numbers of type ${type}`);
  const Type: NumericArrayType = elementTypes[type as keyof typeof elementTypes];
  if (content.length % Type.BYTES_PER_ELEMENT !== 0) throw new ValueError("an array ends within an element");
  // The contents of files are large, and nearly always where a typed array can look at them.
  const { buffer, byteLength, byteOffset } =
    content.byteOffset % Type.BYTES_PER_ELEMENT === 0 ? content : content.slice();
  return new Type(buffer, byteOffset, byteLength / Type.BYTES_PER_ELEMENT);
}
