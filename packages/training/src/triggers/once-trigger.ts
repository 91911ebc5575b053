import type { AbstractSerializer } from "@chain/links/serializers";
import type { Trigger } from "./trigger.js";

/** Options of {@link OnceTrigger}. */
export interface OnceTriggerOptions {
  /** Whether it fires once more after a training has been resumed. Default: false. */
  readonly callOnResume?: boolean;
}

/** Fires the first time that it is asked, and then never again. */
export class OnceTrigger implements Trigger {
  private first = true;
  private resumed: boolean;

  constructor(options: OnceTriggerOptions = {}) {
    this.resumed = options.callOnResume ?? false;
  }

  get finished(): boolean {
    return !(this.first || this.resumed);
  }

  call(): boolean {
    const fires = !this.finished;
    this.first = false;
    this.resumed = false;
    return fires;
  }

  serialize(serializer: AbstractSerializer): void {
    this.first = serializer.value("_flag_first", this.first);
  }
}
