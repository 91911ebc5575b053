import { crc32 } from "./crc32.js";
import { deflate } from "./deflate.js";
import { SerializationError } from "./serialization-error.js";

/** 1 January 1980, the earliest date: equal contents give equal archives. */
const date = 0x0021;
/** Names are UTF-8. */
const utf8 = 0x0800;
const largest = 0xffffffff;

/** Writes entries, in order, as a ZIP archive; with DEFLATE if `compression`, else stored. */
export async function writeZip(
  entries: ReadonlyMap<string, Uint8Array>,
  compression: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  if (entries.size > 0xffff)
    throw new SerializationError(`${entries.size} entries are more than a ZIP archive can hold`);
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [name, contents] of entries) {
    const encodedName = new TextEncoder().encode(name);
    const packed = compression ? await deflate(contents) : contents;
    const fields: Fields = {
      method: compression ? 8 : 0,
      crc: crc32(contents),
      compressed: packed.length,
      size: contents.length,
      name: encodedName,
    };
    directory.push(directoryHeader(fields, offset));
    parts.push(localHeader(fields), packed);
    offset += 30 + encodedName.length + packed.length;
    if (contents.length > largest || offset > largest) {
      throw new SerializationError("the archive would exceed 4 GiB; save parts of the model in files of their own");
    }
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, entries.size, true);
  end.setUint16(10, entries.size, true);
  end.setUint32(12, size, true);
  end.setUint32(16, offset, true);
  return concatenate([...parts, ...directory, new Uint8Array(end.buffer)]);
}

interface Fields {
  readonly method: number;
  readonly crc: number;
  readonly compressed: number;
  readonly size: number;
  readonly name: Uint8Array;
}

function localHeader(fields: Fields): Uint8Array {
  const view = new DataView(new ArrayBuffer(30 + fields.name.length));
  view.setUint32(0, 0x04034b50, true);
  common(view, 4, fields);
  return named(view, 30, fields.name);
}

function directoryHeader(fields: Fields, offset: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(46 + fields.name.length));
  view.setUint32(0, 0x02014b50, true);
  view.setUint16(4, 20, true);
  common(view, 6, fields);
  view.setUint32(42, offset, true);
  return named(view, 46, fields.name);
}

/** What the two kinds of header have in common: 26 bytes from the version on. */
function common(view: DataView, at: number, { method, crc, compressed, size, name }: Fields): void {
  view.setUint16(at, 20, true);
  view.setUint16(at + 2, utf8, true);
  view.setUint16(at + 4, method, true);
  view.setUint16(at + 8, date, true);
  view.setUint32(at + 10, crc, true);
  view.setUint32(at + 14, compressed, true);
  view.setUint32(at + 18, size, true);
  view.setUint16(at + 22, name.length, true);
}

function named(view: DataView, at: number, name: Uint8Array): Uint8Array {
  const header = new Uint8Array(view.buffer);
  header.set(name, at);
  return header;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
