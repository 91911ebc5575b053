import { ones, zeros, type NdArray } from "@chain/array";
import { config, Parameter, type Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";

/** Batch normalization with running statistics. */
export class BatchNormalization extends L.Link {
  readonly gamma: Parameter;
  readonly beta: Parameter;
  avgMean: NdArray;
  avgVar: NdArray;

  constructor(size: number) {
    super();
    this.gamma = new Parameter(1, { shape: size, name: "gamma" });
    this.beta = new Parameter(0, { shape: size, name: "beta" });
    this.avgMean = zeros([size]);
    this.avgVar = ones([size]);
    this.registerPersistent("avgMean");
    this.registerPersistent("avgVar");
  }

  override forward(x: Variable): Variable {
    if (!config.train) return F.fixedBatchNormalization(x, this.gamma, this.beta, this.avgMean, this.avgVar);
    return F.batchNormalization(x, this.gamma, this.beta, this.avgMean, this.avgVar);
  }
}
