import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";

/** A multi-layer perceptron with two hidden layers; the size of the input is found out at the first run. */
export class MLP extends L.Chain {
  readonly l1: L.Linear;
  readonly l2: L.Linear;
  readonly l3: L.Linear;

  constructor(units: number, classes = 10) {
    super();
    this.l1 = new L.Linear(null, units);
    this.l2 = new L.Linear(null, units);
    this.l3 = new L.Linear(null, classes);
  }

  override forward(x: Variable): Variable {
    const h1 = F.relu(this.l1.forward(x));
    const h2 = F.relu(this.l2.forward(h1));
    return this.l3.forward(h2);
  }
}
