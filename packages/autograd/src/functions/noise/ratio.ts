import { ValueError } from "@chain/array";

/** Throws `ValueError` unless 0 ≤ ratio < 1. */
export function checkRatio(label: string, ratio: number): void {
  if (!(ratio >= 0 && ratio < 1)) throw new ValueError(`${label}: ratio must be in [0, 1), got ${ratio}`);
}
