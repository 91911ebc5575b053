/** In place of what only Node can do, in a page. */
export const hasNodeThreads = false;

export function processors(): undefined {}

export function startNodeThread(): null {
  return null;
}

export function findCollector(): null {
  return null;
}

export function seenFromProgram(): null {
  return null;
}
