/** An environment variable where there are any (Node), else undefined. */
export function environmentVariable(name: string): string | undefined {
  const value = typeof process === "undefined" ? undefined : process.env?.[name];
  return value === "" ? undefined : value;
}
