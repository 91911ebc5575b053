/** The checksum of ZIP archives (CRC-32 of ISO 3309, reflected polynomial 0xedb88320). */
export function crc32(data: Uint8Array): number {
  const [t0, t1, t2, t3] = tables();
  let crc = 0xffffffff;
  let i = 0;
  for (const end = data.length - 3; i < end; i += 4) {
    crc ^=
      (data[i] as number) |
      ((data[i + 1] as number) << 8) |
      ((data[i + 2] as number) << 16) |
      ((data[i + 3] as number) << 24);
    crc =
      (t3[crc & 0xff] as number) ^
      (t2[(crc >>> 8) & 0xff] as number) ^
      (t1[(crc >>> 16) & 0xff] as number) ^
      (t0[crc >>> 24] as number);
  }
  for (; i < data.length; i++) crc = (crc >>> 8) ^ (t0[(crc ^ (data[i] as number)) & 0xff] as number);
  return ~crc >>> 0;
}

type Tables = readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
let made: Tables | undefined;

/** Table `k` advances the checksum by a byte followed by `k` zero bytes; four of them take four bytes a step. */
function tables(): Tables {
  if (made !== undefined) return made;
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    return crc;
  });
  const next = (table: Uint32Array): Uint32Array => table.map((crc) => (crc >>> 8) ^ (first[crc & 0xff] as number));
  const second = next(first);
  const third = next(second);
  made = [first, second, third, next(third)];
  return made;
}
