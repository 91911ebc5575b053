import type { AbstractSerializer } from "@chain/links/serializers";
import type { Trigger } from "@chain/training";

/** Fires in iterations that have another number of blocks than the first one had. */
export class OtherDepthTrigger implements Trigger {
  private first: number | null = null;

  /** @param network says how many blocks it had at the latest iteration */
  constructor(private readonly network: { readonly keptBlocks: number }) {}

  call(): boolean {
    const { keptBlocks } = this.network;
    this.first ??= keptBlocks;
    return keptBlocks !== this.first;
  }

  serialize(serializer: AbstractSerializer): void {
    this.first = serializer.value("first", this.first);
  }
}
