/** Data sets that are tables. */
export type { Columns, ColumnValues, Mode, TabularData, TabularExample, TabularSource } from "./columns.js";
export { fromArrays, fromData, type ColumnData, type FromDataOptions } from "./from-data.js";
export { DelegateDataset, TabularDataset, type TabularConverter } from "./tabular-dataset.js";
export type { Rows } from "./views.js";
