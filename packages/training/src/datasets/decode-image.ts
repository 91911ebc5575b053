import { ChainError, ValueError } from "@chain/array";
import type * as Png from "fast-png";
import type * as Jpeg from "jpeg-js";

/** An image as it is decoded: bytes, or 16 bits a channel, pixel by pixel. */
export interface DecodedImage {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Uint8Array | Uint8ClampedArray | Uint16Array;
}

/** Decodes a file of which `name` is told in errors. */
export type ImageDecoder = (bytes: Uint8Array, name: string) => DecodedImage;

/**
 * Loads the packages that decode PNG and JPEG, both optional; without one of them, its format is refused.
 *
 * JPEG gives three channels, PNG as many as it has: 1 to 4.
 */
export async function imageDecoder(): Promise<ImageDecoder> {
  const [png, jpeg] = await Promise.all([import("fast-png").catch(() => null), import("jpeg-js").catch(() => null)]);
  return (bytes, name) => {
    const decode = isJpeg(bytes) ? jpegDecoder(jpeg, name) : pngDecoder(png, bytes, name);
    try {
      return decode(bytes);
    } catch (error) {
      throw new ValueError(`${name} is damaged: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  };
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}

function jpegDecoder(jpeg: typeof Jpeg | null, name: string): (bytes: Uint8Array) => DecodedImage {
  if (jpeg === null) throw new ChainError(`${name} is a JPEG: install the package jpeg-js to read it`);
  return (bytes) => ({ ...jpeg.decode(bytes, { useTArray: true, formatAsRGBA: false }), channels: 3 });
}

function pngDecoder(png: typeof Png | null, bytes: Uint8Array, name: string): (bytes: Uint8Array) => DecodedImage {
  if (bytes[0] !== 0x89 || bytes[1] !== 0x50) throw new ValueError(`${name} is neither a PNG nor a JPEG image`);
  if (png === null) throw new ChainError(`${name} is a PNG: install the package fast-png to read it`);
  return (content) => {
    const image = png.decode(content);
    if (image.palette !== undefined) {
      const channels = image.palette[0]?.length ?? 3;
      return { height: image.height, width: image.width, channels, data: png.convertIndexedToRgb(image) };
    }
    if (image.depth < 8) throw new Error(`${image.depth} bits a channel are not supported`);
    return image;
  };
}
