import { CNN } from "./cnn.js";
import { StochasticResNet } from "./resnet.js";
import { VGG } from "./vgg.js";

/** Names of the networks on the command line. */
export const modelNames = ["resnet", "vgg", "cnn"] as const;
export type ModelName = (typeof modelNames)[number];

/** Makes a network. */
export function makeModel(name: ModelName, depth: number, survival: number): StochasticResNet | VGG | CNN {
  switch (name) {
    case "resnet":
      return new StochasticResNet(depth, survival);
    case "vgg":
      return new VGG();
    case "cnn":
      return new CNN();
  }
}

export { CNN, StochasticResNet, VGG };
