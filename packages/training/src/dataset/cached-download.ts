import { ChainError } from "@chain/array";
import { writeFileAtomically } from "@chain/links/serializers";
import { fileSystem, makeDirectory } from "../files.js";
import { standardError, type OutputStream } from "../output-stream.js";
import { getDatasetDirectory } from "./dataset-root.js";
import { gunzip } from "./gunzip.js";

/** A file could not be downloaded, or is not the one that was expected. */
export class DownloadError extends ChainError {
  override readonly name = "DownloadError";
}

/** Options of {@link cachedDownload}. */
export interface CachedDownloadOptions {
  /** Folder below the data set root that keeps the file. Default: `"_downloads"`. */
  readonly directory?: string;
  /** Name of the file there. Default: the last part of the address, without `.gz` if it is unpacked. */
  readonly filename?: string;
  /** SHA-256 of the file as it is kept, in hexadecimal. */
  readonly sha256?: string;
  /** Whether the download is unpacked from gzip. Default: false. */
  readonly gunzip?: boolean;
  /** Where progress is printed; null for nowhere. Default: standard error. */
  readonly out?: OutputStream | null;
}

/**
 * Downloads a file, once: the next time, the one that was kept is used. Returns its path.
 *
 * @throws DownloadError if the download fails or the checksum is wrong; nothing is kept then.
 */
export async function cachedDownload(url: string, options: CachedDownloadOptions = {}): Promise<string> {
  const { access, path } = await fileSystem();
  const directory = await getDatasetDirectory(options.directory ?? "_downloads");
  const last = new URL(url).pathname.split("/").at(-1) ?? "";
  const filename = options.filename ?? (options.gunzip ? last.replace(/\.gz$/, "") : last);
  const file = path.join(directory, filename);
  try {
    await access(file);
    return file;
  } catch {
    await makeDirectory(path.dirname(file));
  }
  const received = await download(url, options.out === undefined ? standardError() : options.out);
  const content = options.gunzip ? await unpack(received, url) : received;
  if (options.sha256 !== undefined) {
    const found = await sha256(content);
    if (found !== options.sha256) {
      throw new DownloadError(`${url} is not what was expected: its SHA-256 is ${found}, not ${options.sha256}`);
    }
  }
  await writeFileAtomically(file, content);
  return file;
}

async function download(url: string, out: OutputStream | null): Promise<Uint8Array<ArrayBuffer>> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new DownloadError(`cannot download ${url}: is there a connection?`, { cause: error });
  }
  if (!response.ok || response.body === null) {
    throw new DownloadError(`cannot download ${url}: ${response.status} ${response.statusText}`);
  }
  const total = Number(response.headers.get("content-length") ?? 0);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let told = -1;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    bytes += chunk.length;
    const tenths = total > 0 ? Math.floor((10 * bytes) / total) : Math.floor(bytes / 2 ** 23);
    if (tenths !== told)
      out?.write(
        `${url}: ${(bytes / 2 ** 20).toFixed(1)} MiB${total > 0 ? ` of ${(total / 2 ** 20).toFixed(1)}` : ""}\n`,
      );
    told = tenths;
  }
  const content = new Uint8Array(bytes);
  let position = 0;
  for (const chunk of chunks) {
    content.set(chunk, position);
    position += chunk.length;
  }
  return content;
}

async function unpack(bytes: Uint8Array<ArrayBuffer>, url: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await gunzip(bytes);
  } catch (error) {
    throw new DownloadError(`${url} is not a whole gzip file`, { cause: error });
  }
}

async function sha256(content: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
