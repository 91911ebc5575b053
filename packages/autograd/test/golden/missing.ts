/** Functions of the golden file that do not exist yet, by their names here. It must be exact: take names out as they come. */
export const missing: readonly string[] = [];
