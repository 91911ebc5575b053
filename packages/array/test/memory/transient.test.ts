import {
  array,
  currentScope,
  keep,
  memoryInfo,
  scope,
  setLifetime,
  TransientScope,
  UseAfterFreeError,
  type Lifetime,
  type NdArray,
} from "@chain/array";
import { expect, test } from "@jest/globals";

const live = (): number => memoryInfo().cpu?.arrays ?? 0;
const alive = (x: NdArray): boolean => !x.storage.freed;

test("a sweep frees what is not pinned, once", () => {
  const before = live();
  const memory = new TransientScope();
  const [a, b] = [array([1]), array([2])];
  memory.pin(a);
  memory.sweep();
  expect([alive(a), alive(b)]).toEqual([true, false]);
  memory.sweep();
  expect(alive(a)).toBe(true);
  memory.unpin(a);
  expect(alive(a)).toBe(false);
  memory.close();
  expect(live()).toBe(before);
  expect(() => a.dataSync()).toThrow(UseAfterFreeError);
});

test("pins count per storage: a view protects what it shows", () => {
  const memory = new TransientScope();
  const x = array([1, 2, 3]);
  const view = x.reshape([3, 1]);
  memory.pin(x);
  memory.pin(view);
  memory.unpin(x);
  expect(view.tolistSync()).toEqual([[1], [2], [3]]);
  memory.unpin(view);
  expect(alive(x)).toBe(false);
  memory.close();
});

test("arrays from before, and kept ones, are left alone", () => {
  const x = array([1]);
  const memory = new TransientScope();
  const kept = keep(array([2]));
  memory.pin(x);
  memory.unpin(x);
  memory.sweep();
  memory.close();
  expect([x.itemSync(), kept.itemSync()]).toEqual([1, 2]);
});

test("released arrays go over to the scope around it", () => {
  let released: NdArray | undefined;
  scope(() => {
    const memory = new TransientScope();
    released = array([1]);
    const lost = array([2]);
    memory.pin(lost);
    memory.release(released);
    memory.close();
    expect([alive(released), alive(lost)]).toEqual([true, false]);
  });
  expect(released !== undefined && alive(released)).toBe(false);
});

test("an array is exclusive if it is whole, made here, and pinned by one", () => {
  const before = array([0]);
  const memory = new TransientScope();
  const x = array([1, 2]);
  memory.pin(x);
  expect([memory.isExclusive(x), memory.isExclusive(x.reshape([2, 1])), memory.isExclusive(before)]).toEqual([
    true,
    false,
    false,
  ]);
  memory.pin(x);
  expect(memory.isExclusive(x)).toBe(false);
  memory.close();
});

test("a lifetime that has ended stands for the scope around it", () => {
  let inner: Lifetime = null;
  scope(() => {
    inner = scope(() => currentScope());
    const x = array([1]);
    setLifetime(x, inner);
    expect(x.storage.scope).toBe(currentScope());
  });
  const y = array([1]);
  setLifetime(y, inner);
  expect(y.storage.scope).toBeNull();
});
