import { ValueError } from "@chain/array";

/**
 * Fills in a name such as `"snapshot_iter_{.updater.iteration}"` or `"log_{iteration}"`, as Python's `str.format` does:
 * `{.a.b}` is a property of `root`, `{a}` an entry of `values`; `{…:06}` pads a number with zeros to six places.
 * Python's spelling (`{.updater.epoch_detail}`) is understood.
 *
 * @throws ValueError if a name is unknown or the value is neither a number nor a string.
 */
export function fillTemplate(template: string, root: object, values: Readonly<Record<string, unknown>> = {}): string {
  return template.replace(/\{([^{}]*)\}/g, (whole: string, content: string) => {
    const [path = "", pattern = ""] = content.split(":");
    const value = path.startsWith(".") ? property(root, path.slice(1).split(".")) : values[path];
    if (typeof value !== "number" && typeof value !== "string") {
      throw new ValueError(`${whole} in "${template}" names nothing that can be part of a file name`);
    }
    const width = /^(0?)(\d+)d?$/.exec(pattern);
    if (pattern !== "" && width === null)
      throw new ValueError(`${whole} in "${template}": unknown format "${pattern}"`);
    return width === null ? String(value) : String(value).padStart(Number(width[2]), width[1] === "0" ? "0" : " ");
  });
}

/** A pattern that matches the names that a template gives, with a group for each number in them. */
export function templatePattern(template: string): RegExp {
  const parts = template.split(/\{[^{}]*\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join(String.raw`\s*(\d+(?:\.\d+)?)`)}$`);
}

function property(root: object, path: readonly string[]): unknown {
  let value: unknown = root;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[step.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())];
  }
  return value;
}
