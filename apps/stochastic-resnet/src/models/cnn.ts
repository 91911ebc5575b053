import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";

/** A plain network of three convolutions. */
export class CNN extends L.Chain {
  readonly conv1 = new L.Convolution2D(null, 32, 3, { pad: 1 });
  readonly conv2 = new L.Convolution2D(32, 64, 3, { pad: 1 });
  readonly conv3 = new L.Convolution2D(64, 128, 3, { pad: 1 });
  readonly fc1 = new L.Linear(null, 256);
  readonly fc2: L.Linear;

  constructor(classes = 10) {
    super();
    this.fc2 = new L.Linear(256, classes);
  }

  override forward(x: Variable): Variable {
    const h1 = F.maxPooling2d(F.relu(this.conv1.forward(x)), 2);
    const h2 = F.maxPooling2d(F.relu(this.conv2.forward(h1)), 2);
    const h3 = F.maxPooling2d(F.relu(this.conv3.forward(h2)), 2);
    return this.fc2.forward(F.dropout(F.relu(this.fc1.forward(h3))));
  }
}
