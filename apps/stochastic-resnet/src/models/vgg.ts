import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";
import { ConvBN } from "./conv-bn.js";

/** Channels of the convolutions between two poolings. */
const stages = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
];

/** VGG-16 (Simonyan and Zisserman 2014) for small images, with batch normalization and dropout, as in Chainer's example. */
export class VGG extends L.Chain {
  readonly stages: readonly (readonly ConvBN[])[];
  readonly fc1 = new L.Linear(null, 512, { nobias: true });
  readonly bn = new L.BatchNormalization(512, { activation: "relu" });
  readonly fc2: L.Linear;

  constructor(classes = 10) {
    super();
    this.stages = stages.map((channels) => channels.map((count) => new ConvBN(null, count, { activation: "relu" })));
    this.fc2 = new L.Linear(512, classes);
  }

  override forward(x: Variable): Variable {
    let h = x;
    for (const stage of this.stages) {
      for (const [i, layer] of stage.entries()) {
        h = layer.forward(h);
        if (i < stage.length - 1) h = F.dropout(h, { ratio: stage[0] === layer ? 0.3 : 0.4 });
      }
      h = F.maxPooling2d(h, 2);
    }
    h = this.bn.forward(this.fc1.forward(F.dropout(h)));
    return this.fc2.forward(F.dropout(h));
  }
}
