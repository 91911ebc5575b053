/** Errors of native addons may come from another realm, where they are no `Error` of this one. */
export function messageOf(error: unknown): string {
  const message = (error as { message?: unknown } | null)?.message;
  return typeof message === "string" ? message : String(error);
}
