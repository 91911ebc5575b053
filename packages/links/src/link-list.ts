import { IndexError, InvalidType, ValueError } from "@chain/array";
import { Link } from "./link-core.js";

/** A link that holds a list, some or all of whose items are links. Children are named by their position: `/0/W`. */
export abstract class LinkList<T extends object> extends Link implements Iterable<T> {
  protected readonly items: T[] = [];

  constructor(items: readonly T[]) {
    super();
    this.extend(items);
  }

  /** Throws for what the list does not take. */
  protected abstract check(item: T): void;

  /** Number of items. */
  get length(): number {
    return this.items.length;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.items[Symbol.iterator]();
  }

  /** Item `index`; negative ones count from the end. */
  at(index: number): T {
    return this.items[this.position(index)] as T;
  }

  /** Puts an item in the place of another. */
  set(index: number, item: T): void {
    this.check(item);
    this.items[this.position(index)] = item;
  }

  /** Adds an item at the end. */
  append(item: T): void {
    this.check(item);
    this.items.push(item);
  }

  /** Adds several at the end. */
  extend(items: Iterable<T>): void {
    for (const item of Array.from(items)) this.append(item); // which may be this list itself
  }

  /** Adds an item before position `index`. */
  insert(index: number, item: T): void {
    this.check(item);
    const { length } = this.items;
    if (!Number.isInteger(index) || index < -length || index > length) {
      throw new IndexError(`cannot insert at ${index} into a list of ${length}`);
    }
    this.items.splice(index, 0, item);
  }

  /** Removes item `index` (the last one if not given) and returns it. */
  pop(index = -1): T {
    return this.items.splice(this.position(index), 1)[0] as T;
  }

  /** Removes the first occurrence of an item. */
  remove(item: T): void {
    this.items.splice(this.index(item), 1);
  }

  /** Removes everything. */
  clear(): void {
    this.items.length = 0;
  }

  /** Position of the first occurrence of an item, from `start` up to before `end`. */
  index(item: T, options: { readonly start?: number; readonly end?: number } = {}): number {
    const { start = 0, end = this.length } = options;
    const found = this.items.slice(0, end).indexOf(item, start);
    if (found < 0) throw new ValueError("the item is not in the list");
    return found;
  }

  /** How often an item occurs. */
  count(item: T): number {
    return this.items.filter((other) => other === item).length;
  }

  protected override childEntries(): [name: string, child: Link][] {
    const links = this.items.filter((item): item is T & Link => item instanceof Link);
    return links.map((link, i) => {
      link.name ??= String(i);
      return [String(i), link];
    });
  }

  private position(index: number): number {
    const { length } = this.items;
    const position = index < 0 ? index + length : index;
    if (!Number.isInteger(index) || position < 0 || position >= length) {
      throw new IndexError(`index ${index} is out of range for a list of ${length}`);
    }
    return position;
  }
}

/** A link made of a list of links, whose number may be known only when it runs (Chainer's `ChainList`). */
export class ChainList<T extends Link = Link> extends LinkList<T> {
  constructor(...links: T[]) {
    super(links);
  }

  /** Adds a link at the end. */
  addLink(link: T): void {
    this.append(link);
  }

  protected override check(link: T): void {
    if (!(link instanceof Link)) throw InvalidType.of("ChainList", "links", typeof link);
  }
}
