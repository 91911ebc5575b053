import { array, type DType, type NdArray } from "@chain/array";
import { imageDecoder, type DecodedImage } from "./decode-image.js";

/** Decodes a file, of which `name` is told in errors, to an array of shape (channels, height, width). */
export type ImageArrayDecoder = (bytes: Uint8Array, name: string) => NdArray;

/** Loads what decodes images; pixels stay what they are in the file: 0 to 255. */
export async function imageArrayDecoder(dtype: DType = "float32"): Promise<ImageArrayDecoder> {
  const decode = await imageDecoder();
  return (bytes, name) => {
    const image = decode(bytes, name);
    return array(planesOf(image), { dtype }).reshape(image.channels, image.height, image.width);
  };
}

/** Channels one after the other, as networks want them. */
function planesOf({ channels, data, height, width }: DecodedImage): Uint8Array | Float32Array {
  const pixels = height * width;
  const planes = data instanceof Uint16Array ? new Float32Array(data.length) : new Uint8Array(data.length);
  for (let c = 0, to = 0; c < channels; c++) {
    for (let i = 0; i < pixels; i++) planes[to++] = data[i * channels + c] as number;
  }
  return planes;
}
