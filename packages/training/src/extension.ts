import type { AbstractSerializer } from "@chain/links/serializers";
import type { Trainer } from "./trainer.js";
import type { TriggerLike } from "./triggers/trigger.js";

/** Priority of extensions that write to `trainer.observation`: they run first. */
export const PRIORITY_WRITER = 300;
/** Priority of extensions that edit what others have observed. */
export const PRIORITY_EDITOR = 200;
/** Priority of extensions that only read: the default. */
export const PRIORITY_READER = 100;
/** Priority of snapshots: they run last, when every other extension has finished with the iteration. */
export const PRIORITY_SNAPSHOT = -100;

/**
 * Something that a {@link Trainer} does besides updating: evaluate, log, print, take snapshots, change a learning rate.
 *
 * Subclasses implement {@link Extension.call}; the fields hold defaults that `trainer.extend` may overrule.
 */
export abstract class Extension {
  /** When it is invoked. */
  readonly trigger: TriggerLike = [1, "iteration"];
  /** Extensions of higher priority are invoked first. */
  readonly priority: number = PRIORITY_READER;
  /** Its name in the trainer, made unique by `trainer.extend`; null before that, unless chosen by the user. */
  name: string | null = null;

  /** The name under which it is added to a trainer when none is given. */
  get defaultName(): string {
    return this.constructor.name;
  }

  /** Does the work. Called whenever the trigger fires, after the update; may be asynchronous. */
  abstract call(trainer: Trainer): unknown;

  /** Called once by `trainer.run()`, before any extension is initialized: the place to load a saved state. */
  restore?(trainer: Trainer): unknown;

  /** Called once by `trainer.run()`, before the training loop. */
  initialize?(trainer: Trainer): unknown;

  /** Called when the training loop has thrown `error`, before {@link Extension.finalize}. */
  onError?(trainer: Trainer, error: unknown): unknown;

  /** Called when the user has interrupted the training and the iteration is complete. */
  onInterrupt?(trainer: Trainer): unknown;

  /** Called once at the end of `trainer.run()`, also after errors. */
  finalize?(): unknown;

  /** Saves or loads the state that a resumed training needs. */
  serialize?(serializer: AbstractSerializer): void;
}

/** A plain function that is used as an extension. */
export type ExtensionFunction = (trainer: Trainer) => unknown;

/** What `trainer.extend` takes. */
export type ExtensionLike = Extension | ExtensionFunction;

/** Options of {@link makeExtension}. */
export interface MakeExtensionOptions {
  /** When it is invoked; every iteration by default. */
  readonly trigger?: TriggerLike;
  /** Name in the trainer; the function's own by default. */
  readonly defaultName?: string;
  readonly priority?: number;
  /** Called before the training loop. */
  readonly initializer?: (trainer: Trainer) => unknown;
  /** Called at the end of the training. */
  readonly finalizer?: () => unknown;
  /** Called when the training loop has thrown. */
  readonly onError?: (trainer: Trainer, error: unknown) => unknown;
}

/** Makes an extension of a function (Chainer's decorator `make_extension`). */
export function makeExtension(call: ExtensionFunction, options: MakeExtensionOptions = {}): Extension {
  return new FunctionExtension(call, options);
}

class FunctionExtension extends Extension {
  override readonly trigger: TriggerLike;
  override readonly priority: number;
  private readonly run: ExtensionFunction;
  private readonly options: MakeExtensionOptions;

  constructor(run: ExtensionFunction, options: MakeExtensionOptions) {
    super();
    this.run = run;
    this.options = options;
    this.trigger = options.trigger === undefined ? [1, "iteration"] : options.trigger;
    this.priority = options.priority ?? PRIORITY_READER;
  }

  override get defaultName(): string {
    return this.options.defaultName ?? this.run.name;
  }

  override call(trainer: Trainer): unknown {
    return this.run(trainer);
  }

  override initialize(trainer: Trainer): unknown {
    return this.options.initializer?.(trainer);
  }

  override finalize(): unknown {
    return this.options.finalizer?.();
  }

  override onError(trainer: Trainer, error: unknown): unknown {
    return this.options.onError?.(trainer, error);
  }
}
