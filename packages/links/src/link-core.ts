import { ChainError, copyto, keep, NdArray, toDevice, toDeviceAsync, ValueError, type Shape } from "@chain/array";
import { Parameter, Variable, type Initializer } from "@chain/autograd";
import { copyValue, type Copied, type CopyMode } from "./copy-value.js";
import { collectHolders, fieldsHolding, fieldsOf, moveArrays } from "./link-fields.js";
import { isWatched, noteClass, unwatchLink, watchLink, type LinkHook } from "./link-hook.js";
import { copyParam, serializeParam } from "./parameter-state.js";
import type { AbstractSerializer, SavedValue, Serializable } from "./serializers/serializer.js";

/** What a link keeps about itself. */
interface LinkState {
  readonly persistents: Set<string>;
  readonly hooks: Map<string, LinkHook>;
}

/** Which parameters are listed. */
export interface ParamsOptions {
  /** Whether those are included that have no array yet (the default). */
  readonly includeUninit?: boolean;
}

/** Which links are listed. */
export interface LinksOptions {
  /** Whether the link itself is left out. Default false. */
  readonly skipself?: boolean;
}

/**
 * A part of a model: parameters, and how they are used (Chainer's `Link`).
 *
 * Parameters and child links are ordinary fields, found by looking: a field that holds a {@link Parameter} or a Link, or
 * a list of them, is one. Their path is made of the fields' names, as in Chainer: `/predictor/l1/W`, `/layers/0/b`.
 * Fields called `#private` and accessors are not looked at. Values that are saved with the parameters but not optimized
 * (running means, counts) are registered with {@link registerPersistent}.
 *
 * A subclass defines `forward`, which is how a link is run everywhere. Fields should not be JavaScript-private (`#x`)
 * if the link is to be copied; TypeScript's `private` is fine.
 *
 * ```ts
 * class Affine extends Link {
 *   readonly W: Parameter;
 *   readonly b = new Parameter(0, { shape: 3 });
 *   constructor(inSize: number) {
 *     super();
 *     this.W = new Parameter(new LeCunNormal(), { shape: [3, inSize] });
 *   }
 *   forward(x: Variable): Variable {
 *     return F.linear(x, this.W, this.b);
 *   }
 * }
 * ```
 */
export class Link implements Serializable {
  /** The name of the field that holds it; null for the root. */
  name: string | null = null;
  private readonly linkState: LinkState = { persistents: new Set(), hooks: new Map() };

  /** Parameters may be given by name, to make a link of without a class. */
  constructor(params: Readonly<Record<string, Parameter>> = {}) {
    noteClass(new.target);
    Object.assign(this, params);
  }

  /** What the link does. Subclasses define it, with the arguments and results they want. */
  forward(..._args: unknown[]): unknown {
    throw new ChainError(`${this.constructor.name} has no forward(); define it`);
  }

  /** All parameters, sorted by path; one that appears under several paths, once. */
  params(options: ParamsOptions = {}): Parameter[] {
    return this.namedParams(options).map(([, param]) => param);
  }

  /** All parameters with their paths. */
  namedParams(options: ParamsOptions = {}): [path: string, param: Parameter][] {
    const found: [string, Parameter][] = [];
    this.collectParams("/", options.includeUninit ?? true, new Set(), found);
    return found;
  }

  /** This link and all links below it. */
  links(options: LinksOptions = {}): Link[] {
    return this.namedLinks(options).map(([, link]) => link);
  }

  /** This link (`/`) and all links below it, with their paths. */
  namedLinks(options: LinksOptions = {}): [path: string, link: Link][] {
    const found: [string, Link][] = [];
    this.collectLinks("/", new Set(), found);
    return options.skipself === true ? found.slice(1) : found;
  }

  /** The links in this one's fields. */
  children(): Link[] {
    return this.childEntries().map(([, child]) => child);
  }

  /** The device of its first parameter that has an array; null if there is none. */
  get device(): string | null {
    return this.params({ includeUninit: false })[0]?.device ?? null;
  }

  /** Adds a parameter as field `name`. */
  addParam(name: string, options: NewParamOptions = {}): Parameter {
    this.checkFree(name);
    const { initializer = null, shape = null } = options;
    const param = new Parameter(initializer, { shape, name });
    fieldsOf(this)[name] = param;
    return param;
  }

  /** Adds a field `name` that is saved and loaded; see {@link registerPersistent}. */
  addPersistent(name: string, value: SavedValue): void {
    this.checkFree(name);
    fieldsOf(this)[name] = value;
    this.registerPersistent(name);
  }

  /** Has field `name` saved and loaded with the parameters; optimizers do not touch it. Arrays outlive open scopes. */
  registerPersistent(name: string): void {
    if (!(name in this)) throw new ValueError(`${this.constructor.name} has no field "${name}" to make persistent`);
    keep(fieldsOf(this)[name]);
    this.linkState.persistents.add(name);
  }

  /** Removes a field that {@link addPersistent} added. */
  deletePersistent(name: string): void {
    if (!this.linkState.persistents.delete(name)) {
      throw new ValueError(`${this.constructor.name} has no persistent value "${name}"`);
    }
    delete fieldsOf(this)[name];
  }

  /** Names of the fields that are saved besides parameters and links. */
  persistents(): string[] {
    return [...this.linkState.persistents].sort();
  }

  /** Forgets all gradients. */
  cleargrads(): void {
    for (const param of this.params()) param.cleargrad();
  }

  /** Makes all gradients zeros. */
  zerograds(): void {
    for (const param of this.params({ includeUninit: false })) param.zerograd();
  }

  /** Adds another link's gradients to this one's, parameter by parameter. */
  addgrads(link: Link): void {
    const others = new Map(link.namedParams());
    for (const [path, param] of this.namedParams()) param.addgrad(counterpart(path, others, link));
  }

  /** Copies another link's parameters, and persistent values unless told otherwise, into this one's. */
  copyparams(link: Link, options: { readonly copyPersistent?: boolean } = {}): void {
    const others = new Map(link.namedParams());
    const pairs = this.namedParams().map(([path, param]) => [param, counterpart(path, others, link)] as const);
    for (const [param, other] of pairs) copyParam(param, other);
    if (options.copyPersistent === false) return;
    const otherLinks = new Map(link.namedLinks());
    for (const [path, mine] of this.namedLinks()) {
      for (const name of mine.persistents()) mine.copyPersistent(name, counterpart(path, otherLinks, link));
    }
  }

  /**
   * A copy: `"share"` (the default) shares the arrays of parameters, `"copy"` copies everything, `"init"` copies and
   * initializes parameters anew. Gradients and update rules are not copied.
   */
  copy(mode: CopyMode = "share"): this {
    return this.copyInto(mode, new Map());
  }

  /** Number of elements of all parameters. Those that have no array yet are left out, with a warning. */
  countParams(): number {
    const named = this.namedParams();
    const without = named.filter(([, param]) => !param.isInitialized).map(([path]) => path);
    if (without.length > 0) {
      console.warn(`countParams() leaves out parameters that are not initialized yet: ${without.join(", ")}`);
    }
    return named.reduce((sum, [, param]) => (param.isInitialized ? sum + param.size : sum), 0);
  }

  /** Has optimizers update the parameters. */
  enableUpdate(): void {
    for (const { updateRule } of this.params()) if (updateRule !== null) updateRule.enabled = true;
  }

  /** Has optimizers leave the parameters as they are. */
  disableUpdate(): void {
    for (const { updateRule } of this.params()) if (updateRule !== null) updateRule.enabled = false;
  }

  /** Whether an optimizer updates any of the parameters. */
  get updateEnabled(): boolean {
    return this.params().some(({ updateRule }) => updateRule?.enabled === true);
  }

  /** Moves parameters, gradients, persistent values and other arrays in fields to a device that is open. */
  toDevice(device: string): this {
    for (const link of this.links()) moveArrays(link, (array) => toDevice(array, device), device);
    return this;
  }

  /** {@link toDevice} from and to devices of every kind; opens the device if that has not happened yet. */
  async toDeviceAsync(device: string): Promise<this> {
    const moved = new Map<NdArray, NdArray>();
    for (const array of this.collectArrays()) moved.set(array, await toDeviceAsync(array, device));
    for (const link of this.links()) moveArrays(link, (array) => moved.get(array) ?? array, device);
    return this;
  }

  /** Adds a hook that is told of every run of this link. */
  addHook(hook: LinkHook, name: string = hook.name): this {
    const { hooks } = this.linkState;
    if (hooks.has(name)) throw new ValueError(`${this.constructor.name} has a hook named "${name}" already`);
    hook.added(this);
    hooks.set(name, hook);
    if (hooks.size === 1) watchLink(this);
    return this;
  }

  /** Removes a hook that was added to this link. */
  deleteHook(name: string): void {
    const { hooks } = this.linkState;
    const hook = hooks.get(name);
    if (hook === undefined) throw new ValueError(`${this.constructor.name} has no hook named "${name}"`);
    hooks.delete(name);
    if (hooks.size === 0) unwatchLink(this);
    hook.deleted(this);
  }

  /** Hooks of this link alone. */
  get localLinkHooks(): LinkHook[] {
    return [...this.linkState.hooks.values()];
  }

  /** Saves or loads parameters and persistent values, those of child links under their names. */
  serialize(serializer: AbstractSerializer): void {
    for (const [name, param] of this.ownParams()) serializeParam(serializer, name, param);
    const fields = fieldsOf(this);
    for (const name of this.persistents()) {
      const value = serializer.value(name, fields[name] as SavedValue);
      if (!serializer.checking && value !== fields[name]) fields[name] = keep(value);
    }
    for (const [name, child] of this.childEntries()) child.serialize(serializer.child(name));
  }

  /** See `ArrayHolder`: parameters, gradients, persistent values, and arrays and Variables in fields. */
  collectArrays(): NdArray[] {
    const arrays: NdArray[] = [];
    for (const holder of this.holders()) {
      if (holder instanceof NdArray) arrays.push(holder);
      else arrays.push(...holder.collectArrays());
    }
    return arrays;
  }

  /** Variables in fields that are not parameters: a recurrent link's state, what a Classifier computed last. */
  heldVariables(): Variable[] {
    return this.holders().filter((value) => value instanceof Variable && !(value instanceof Parameter)) as Variable[];
  }

  /** Parameters in this link's own fields, sorted by name. */
  protected ownParams(): [name: string, param: Parameter][] {
    return fieldsHolding(this, (value) => value instanceof Parameter);
  }

  /** Links in this link's own fields, sorted by name. */
  protected childEntries(): [name: string, child: Link][] {
    return fieldsHolding(this, (value) => value instanceof Link);
  }

  /** {@link copy}, as part of a larger copy. */
  copyInto(mode: CopyMode, copied: Copied): this {
    const known = copied.get(this);
    if (known !== undefined) return known as this;
    const twin = Object.create(Object.getPrototypeOf(this) as object) as this;
    copied.set(this, twin);
    for (const key of Reflect.ownKeys(this)) {
      const descriptor = Object.getOwnPropertyDescriptor(this, key) as PropertyDescriptor;
      if (key === "linkState" || (key === "forward" && isWatched(descriptor.value))) continue;
      if ("value" in descriptor) descriptor.value = copyValue(descriptor.value, mode, copied, isLink);
      Object.defineProperty(twin, key, descriptor);
    }
    twin.name = null;
    const state: LinkState = { persistents: new Set(this.linkState.persistents), hooks: new Map(this.linkState.hooks) };
    Object.assign(twin, { linkState: state });
    if (state.hooks.size > 0) watchLink(twin);
    return twin;
  }

  /** Arrays and Variables in fields of this link and of all links below it. */
  private holders(): (NdArray | Variable)[] {
    const found: (NdArray | Variable)[] = [];
    for (const link of this.links()) collectHolders(link, found);
    return found;
  }

  private collectParams(path: string, includeUninit: boolean, seen: Set<object>, found: [string, Parameter][]): void {
    if (seen.has(this)) return;
    seen.add(this);
    for (const [name, param] of this.ownParams()) {
      if (seen.has(param)) continue;
      seen.add(param);
      if (includeUninit || param.isInitialized) found.push([path + name, param]);
    }
    for (const [name, child] of this.childEntries()) child.collectParams(`${path}${name}/`, includeUninit, seen, found);
  }

  private collectLinks(path: string, seen: Set<Link>, found: [string, Link][]): void {
    if (seen.has(this)) return;
    seen.add(this);
    found.push([path, this]);
    const prefix = path === "/" ? path : `${path}/`;
    for (const [name, child] of this.childEntries()) child.collectLinks(prefix + name, seen, found);
  }

  private copyPersistent(name: string, from: Link): void {
    const fields = fieldsOf(this);
    const mine = fields[name];
    const other = fieldsOf(from)[name];
    if (mine instanceof NdArray && other instanceof NdArray) copyto(mine, toDevice(other, mine.device));
    else fields[name] = keep(copyValue(other, "copy", new Map(), isLink));
  }

  private checkFree(name: string): void {
    if (name in this) throw new ValueError(`${this.constructor.name} has a field "${name}" already`);
  }
}

/** How a parameter is added by name. */
export interface NewParamOptions {
  readonly shape?: Shape | number | null;
  readonly initializer?: number | NdArray | Initializer | null;
}

function isLink(value: object): value is Link {
  return value instanceof Link;
}

function counterpart<T>(path: string, others: ReadonlyMap<string, T>, link: Link): T {
  const other = others.get(path);
  if (other === undefined) throw new ValueError(`the other link (${link.constructor.name}) has no ${path}`);
  return other;
}
