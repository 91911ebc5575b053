import { fileSystem, makeDirectory } from "../files.js";

/**
 * What a file has that is costly to make: loaded if the file is there, else made, and kept for the next time (Chainer's
 * `cache_or_load_file`). The file appears when it is whole: if making it fails or is interrupted, there is none.
 *
 * @param path - the file; folders above it are made
 * @param create - makes what the file has, and writes it to the path that it is given
 * @param load - reads it from a path
 */
export async function cacheOrLoadFile<T>(
  path: string,
  create: (path: string) => T | Promise<T>,
  load: (path: string) => T | Promise<T>,
): Promise<T> {
  const { access, mkdtemp, path: paths, rename, rm } = await fileSystem();
  const there = await access(path).then(
    () => true,
    () => false,
  );
  if (there) return load(path);
  const folder = paths.dirname(path);
  await makeDirectory(folder);
  // In the same folder, so that the file can be moved as a whole, and with its own name, which may say what format it has.
  const workshop = await mkdtemp(paths.join(folder, `.${paths.basename(path)}.`));
  try {
    const unfinished = paths.join(workshop, paths.basename(path));
    const content = await create(unfinished);
    await rename(unfinished, path);
    return content;
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}
