import { FunctionNode } from "../../function-node.js";
import type { Windows } from "./windows.js";

/** A function of windows, under the name of the function that a user called. */
export abstract class WindowFunction extends FunctionNode {
  constructor(
    private readonly name: string,
    readonly windows: readonly Windows[],
  ) {
    super();
  }

  override get label(): string {
    return this.name;
  }
}
