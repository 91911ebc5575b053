import { expandedOperation } from "../../../kernel/expanded.js";
import type { Node } from "../../../kernel/program.js";
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
  const emitterOf = (to: string[]): WgslEmitter =>
    new WgslEmitter(to, (leaf) => (leaf.kind === "parameter" ? `x${leaf.index}` : "0.0"));
  const emitter = emitterOf(lines);
  let value = node;
  if (node.kind === "op" && node.hint === "rare") {
    // What is rare returns early.
    const [condition, rare, usual] = node.args as [Node, Node, Node];
    const holds = emitter.value(condition);
    const branch: string[] = [];
    const early = emitterOf(branch).value(rare);
    lines.push(`if (${holds}) {`, ...branch.map((line) => `  ${line}`), `  return ${early};`, "}");
    value = usual;
  }
  const result = emitter.value(value);
  const parameters = Array.from({ length: arityOf(op) }, (_, i) => `x${i}: f32`).join(", ");
  const source = `fn ${name}(${parameters}) -> f32 {\n${lines.map((line) => `  ${line}\n`).join("")}  return ${result};\n}`;
  sources.set(name, source);
  return source;
}
