import { addAt, arange, array, nonzero, take, ValueError, zeros, type NdArray, type Shape } from "@chain/array";
import { elementwise, ge, logicalAnd, where } from "@chain/array/kernel";
import { formatShape, sameShape } from "./shape.js";
import { expectFloating, expectInteger } from "./type-check.js";
import { Variable, type VariableLike } from "./variable.js";

/** Options of {@link CooMatrix}. */
export interface CooMatrixOptions {
  /** Whether elements given as an array want a gradient; false by default. A Variable says so itself. */
  readonly requiresGrad?: boolean;
}

const isElement = elementwise("coo-elements", (row, column) => logicalAnd(ge(row, 0), ge(column, 0)));
const elementAt = elementwise("coo-places", (position, present) => where(present, position, 0));

/**
 * A sparse matrix, or a stack of them, as a list of its elements and where they are (Chainer's `CooMatrix`): `data[i]` is in
 * row `row[i]` and column `col[i]`. Several elements in one place are added; those with a negative row or column are none, so
 * that the lists of a stack can be of one length.
 */
export class CooMatrix {
  /** The elements, shape `(count,)`, or `(batch, count)` for a stack. */
  readonly data: Variable;

  /**
   * @param data - Shape `(count,)` or `(batch, count)`, floating.
   * @param row - Rows from 0 up, of the shape of `data`, integer.
   * @param col - Columns, likewise.
   * @param shape - Numbers of rows and of columns of the matrix, or of each in the stack.
   * @throws InvalidType if dtypes do not fit, ValueError if shapes do not.
   */
  constructor(
    data: VariableLike,
    readonly row: NdArray,
    readonly col: NdArray,
    readonly shape: Shape,
    { requiresGrad = false }: CooMatrixOptions = {},
  ) {
    this.data = data instanceof Variable ? data : new Variable(data, { requiresGrad });
    const elements = this.data.array;
    expectFloating("CooMatrix", "data", elements);
    expectInteger("CooMatrix", "row", row);
    expectInteger("CooMatrix", "col", col);
    const lists = [elements, row, col].map((list) => formatShape(list.shape));
    if (!sameShape(elements.shape, row.shape) || !sameShape(row.shape, col.shape) || ![1, 2].includes(row.ndim)) {
      throw new ValueError(
        `CooMatrix: data, row and col are of one shape with one or two axes, got ${lists.join(", ")}`,
      );
    }
    if (shape.length !== 2 || !shape.every((length) => Number.isInteger(length) && length > 0)) {
      throw new ValueError(`CooMatrix: shape is two whole numbers from 1 up, got ${formatShape(shape)}`);
    }
  }

  /** Whether an element is one: it has a row and a column. */
  present(): NdArray {
    return isElement(this.row, this.col);
  }

  /** Where elements are in an array of the shape `([batch,] rows, columns)`, as indices; what is none is in the first place. */
  places(): { readonly batch: readonly NdArray[]; readonly row: NdArray; readonly col: NdArray } {
    const present = this.present();
    const { device } = this.row;
    const batch = this.row.shape
      .slice(0, -1)
      .map((length) => arange(length, { dtype: "int32", device }).reshape(length, 1));
    return { batch, row: elementAt(this.row, present), col: elementAt(this.col, present) };
  }

  /** The matrix, or the stack `(batch, rows, columns)`, with its zeros. */
  toDense(): NdArray {
    const { batch, row, col } = this.places();
    const { dtype, device } = this.data;
    const dense = zeros([...this.row.shape.slice(0, -1), ...this.shape], { dtype, device });
    return addAt(dense, [...batch, row, col], elementAt(this.data.array, this.present()));
  }
}

/** Options of {@link toCoo}. */
export interface ToCooOptions extends CooMatrixOptions {
  /** Length of the lists, if there are not more elements; by default as many as there are. */
  readonly ldnz?: number | null;
}

/**
 * The elements of a matrix, or of a stack of them, that are not 0 (Chainer's `to_coo`), row by row.
 *
 * @param x - Shape `(rows, columns)` or `(batch, rows, columns)`, floating.
 * @throws ValueError if `x` has another number of axes; DeviceError on devices that cannot be read synchronously.
 */
export function toCoo(x: NdArray, { ldnz = null, requiresGrad = false }: ToCooOptions = {}): CooMatrix {
  if (x.ndim !== 2 && x.ndim !== 3) {
    throw new ValueError(`toCoo: expected a matrix or a stack of them, got shape ${formatShape(x.shape)}`);
  }
  expectFloating("toCoo", "x", x);
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const size = rows * columns;
  const batch = x.shape.slice(0, -2);
  const [positions] = nonzero(x.reshape(-1)) as [NdArray];
  const lists: number[][] = Array.from({ length: batch[0] ?? 1 }, () => []);
  for (const position of positions.dataSync()) (lists[Math.floor(position / size)] as number[]).push(position);
  const length = lists.reduce((most, list) => Math.max(most, list.length), ldnz ?? 0);
  const listed = (valueOf: (position: number) => number): NdArray =>
    array(
      Int32Array.from(
        lists.flatMap((list) => Array.from({ length }, (_, i) => (i < list.length ? valueOf(list[i] as number) : -1))),
      ),
      { device: x.device },
    ).reshape(...batch, length);
  const row = listed((position) => Math.floor((position % size) / columns));
  const col = listed((position) => position % columns);
  const at = listed((position) => position);
  const data = elementAt(take(x.reshape(-1), elementAt(at, isElement(row, col))), isElement(row, col));
  return new CooMatrix(data, row, col, [rows, columns], { requiresGrad });
}
