import { expandedOperation } from "../../../kernel/expanded.js";
import { arityOf } from "../../../kernel/ops-table.js";
import { WgslEmitter } from "./expression.js";
import { operationNamed } from "./kernel-functions.js";

const sources = new Map<string, string>();

/** The WGSL of a function of the kernel language, if `name` is one. */
export function kernelFunctionSource(name: string): string | undefined {
  const known = sources.get(name);
  if (known !== undefined) return known;
  const op = operationNamed(name);
  const node = op === undefined ? undefined : expandedOperation(op);
  if (op === undefined || node === undefined) return undefined;
  const lines: string[] = [];
  const emitter = new WgslEmitter(lines, (leaf) => (leaf.kind === "parameter" ? `x${leaf.index}` : "0.0"));
  const result = emitter.value(node);
  const parameters = Array.from({ length: arityOf(op) }, (_, i) => `x${i}: f32`).join(", ");
  const source = `fn ${name}(${parameters}) -> f32 {\n${lines.map((line) => `  ${line}\n`).join("")}  return ${result};\n}`;
  sources.set(name, source);
  return source;
}
