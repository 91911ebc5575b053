import { environmentVariable } from "@chain/array";
import { fileSystem, makeDirectory } from "../files.js";

let chosenRoot: string | null = null;

/** The folder for downloaded data sets: as set, else `CHAIN_DATASET_ROOT`, else `.chain/dataset` in the home folder. */
export async function getDatasetRoot(): Promise<string> {
  const given = chosenRoot ?? environmentVariable("CHAIN_DATASET_ROOT");
  if (given !== undefined && given !== null) return given;
  const [{ path }, { homedir }] = await Promise.all([fileSystem(), import("node:os")]);
  return path.join(homedir(), ".chain", "dataset");
}

/** Chooses the folder for downloaded data sets; null: as if none had been chosen. */
export function setDatasetRoot(path: string | null): void {
  chosenRoot = path;
}

/** Options of {@link getDatasetDirectory}. */
export interface DatasetDirectoryOptions {
  /** Whether the folder is made if it is not there. Default: true. */
  readonly createDirectory?: boolean;
}

/** The folder of one data set, below the {@link getDatasetRoot | root}. */
export async function getDatasetDirectory(datasetName: string, options: DatasetDirectoryOptions = {}): Promise<string> {
  const { path } = await fileSystem();
  const directory = path.join(await getDatasetRoot(), datasetName);
  if (options.createDirectory ?? true) await makeDirectory(directory);
  return directory;
}
