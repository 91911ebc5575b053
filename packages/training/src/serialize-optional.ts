import type { AbstractSerializer, SavedValue } from "@chain/links/serializers";

/**
 * Saves or loads an entry that snapshots of Chainer, or of older versions, may lack; `fallback` is what a lacking one
 * stands for.
 */
export function serializeOptional<T extends SavedValue>(
  serializer: AbstractSerializer,
  key: string,
  value: T,
  fallback: T,
): T {
  if (serializer.has(key)) return serializer.value(key, value);
  return serializer.checking ? value : fallback;
}
