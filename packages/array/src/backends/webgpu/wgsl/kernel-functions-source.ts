import { parameterExprs } from "../../../kernel/launch.js";
import { Lowering } from "../../../kernel/lower.js";
import { arityOf } from "../../../kernel/ops-table.js";
import { WgslEmitter } from "./expression.js";
import { expansionNamed } from "./kernel-functions.js";

const sources = new Map<string, string>();

/** The WGSL of a function of the kernel language, if `name` is one. */
export function kernelFunctionSource(name: string): string | undefined {
  const known = sources.get(name);
  if (known !== undefined) return known;
  const found = expansionNamed(name);
  if (found === undefined) return undefined;
  const inputs = parameterExprs(arityOf(found.op));
  const leaves = { parameters: inputs.map(() => "float32" as const), scalars: [], buffers: [] };
  const node = new Lowering(name, leaves, () => undefined).lowerTo(found.expand(...inputs), "float32");
  const lines: string[] = [];
  const emitter = new WgslEmitter(lines, (leaf) => (leaf.kind === "parameter" ? `x${leaf.index}` : "0.0"));
  const result = emitter.value(node);
  const parameters = inputs.map((_, i) => `x${i}: f32`).join(", ");
  const source = `fn ${name}(${parameters}) -> f32 {\n${lines.map((line) => `  ${line}\n`).join("")}  return ${result};\n}`;
  sources.set(name, source);
  return source;
}
