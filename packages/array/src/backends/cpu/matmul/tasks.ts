import type { TileShape } from "./tile-kernel.js";

/** Tasks are not made smaller than this to feed more threads, in multiply-adds: about 2 µs. */
const TASK_WORK = 2 ** 16;
const TASKS_WANTED = 16;
/** A block of A of this many rows stays in the second-level cache, with the columns of B passing by. */
const MOST_ROWS = 128;
const MOST_COLUMNS = 128;

/** How a product is cut into tasks: blocks of C. */
export interface TaskGrid {
  readonly rowBlock: number;
  readonly columnBlock: number;
  readonly rowTasks: number;
  readonly columnTasks: number;
}

/** Cuts `batch` products of these sizes into tasks that are neither few nor tiny, and as equal as tiles allow. */
export function cutIntoTasks(m: number, n: number, k: number, batch: number, tile: TileShape): TaskGrid {
  let rowCuts = Math.ceil(m / MOST_ROWS);
  let columnCuts = Math.ceil(n / MOST_COLUMNS);
  const work = m * n * k * batch;
  for (;;) {
    const tasks = rowCuts * columnCuts * batch;
    if (tasks >= TASKS_WANTED || work / tasks < 2 * TASK_WORK) break;
    const [rows, columns] = [m / rowCuts, n / columnCuts];
    if (columns >= rows && columns > tile.columns) columnCuts *= 2;
    else if (rows > tile.rows) rowCuts *= 2;
    else break;
  }
  const rowBlock = roundUp(m / rowCuts, tile.rows);
  const columnBlock = roundUp(n / columnCuts, tile.columns);
  const rowTasks = Math.ceil(m / rowBlock);
  const columnTasks = Math.ceil(n / columnBlock);
  return { rowBlock, columnBlock, rowTasks, columnTasks };
}

/** The next multiple of `step` at or above `value`. */
export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
