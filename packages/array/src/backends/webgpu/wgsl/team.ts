/** Invocations that combine what each of them has: through subgroups where there are any, and through workgroup memory. */
import type { CombineGraph, ComputeType, Node } from "../../../kernel/program.js";
import type { SubgroupSizes } from "../adapter.js";
import { combineInto, decodeState, encodeState } from "./combine.js";
import { wgslType } from "./expression.js";
import { workgroupSize } from "./shader.js";

/** How many invocations of a workgroup work together: neighbours, which begin at a multiple of their number. */
export type TeamSize = 1 | 32 | 256;

/** A team, and the subgroups through which it exchanges values; null for workgroup memory alone. */
export interface Team {
  readonly size: TeamSize;
  readonly subgroups: SubgroupSizes | null;
}

/** A single invocation. */
export const alone: Team = { size: 1, subgroups: null };

/** Workgroup memory for {@link combineTeam}. */
export function sharedDeclarations({ size }: Team, combine: CombineGraph, name = "shared"): string[] {
  if (size === 1) return [];
  return combine.types.map(
    (type, c) => `var<workgroup> ${name}${c}: array<${type === "bool" ? "u32" : wgslType(type)}, ${workgroupSize}>;`,
  );
}

/**
 * `task`, the number of the team, and `member`, of the invocation in it. Teams beyond the last task go on with
 * `busy` false, since barriers need all of a workgroup; single invocations leave.
 */
export function taskLines({ size }: Team, tasks: string): string[] {
  if (size === 1) return ["let task = global;", "let member = 0u;", `if (task >= ${tasks}) { return; }`];
  return [`let task = global / ${size}u;`, `let member = lane % ${size}u;`, `let busy = task < ${tasks};`];
}

/** An upper bound of a loop, 0 for teams without a task. */
export function guarded({ size }: Team, bound: string): string {
  return size === 1 ? bound : `select(0u, ${bound}, busy)`;
}

/** Whether this invocation stores its team's result. */
export function isLeader({ size }: Team): string {
  return size === 1 ? "true" : "busy && member == 0u";
}

/** Combines `total…` over the team; its first member ends up with the result. */
export function combineTeam(team: Team, combine: CombineGraph, total = "total", name = "shared"): string[] {
  if (team.size === 1) return [];
  if (team.subgroups === null) return inMemory(team.size, combine, total, name);
  return inSubgroups(team.size, team.subgroups, combine, total, name);
}

/** {@link combineTeam}, after which every member has the result. */
export function combineTeamForAll(team: Team, combine: CombineGraph, total: string, name: string): string[] {
  if (team.size === 1) return [];
  return [
    ...combineTeam(team, combine, total, name),
    `if (member == 0u) {`,
    ...publish(combine, total, name),
    "}",
    "workgroupBarrier();",
    ...combine.types.map((type, c) => `${total}${c} = ${decodeState(type, `${name}${c}[lane - member]`)};`),
  ];
}

function publish(combine: CombineGraph, total: string, name: string): string[] {
  return combine.types.map((type, c) => `  ${name}${c}[lane] = ${encodeState(type, `${total}${c}`)};`);
}

/** Lines that combine `total…` with what `other` says another invocation has. */
function withOther(combine: CombineGraph, total: string, other: (component: number) => string): string[] {
  const lines: string[] = [];
  const others = combine.types.map((type, c) => decodeState(type, other(c)));
  const assignments = combineInto(combine, total, others, lines, "t");
  return [...lines, ...assignments].map((line) => `  ${line}`);
}

/** Pairwise, halving the distance. */
function inMemory(size: TeamSize, combine: CombineGraph, total: string, name: string): string[] {
  return [
    ...publish(combine, total, name),
    "workgroupBarrier();",
    `for (var stride = ${size / 2}u; stride > 0u; stride = stride / 2u) {`,
    "  if (member < stride) {",
    ...withOther(combine, total, (c) => `${name}${c}[lane + stride]`),
    ...publish(combine, total, name),
    "  }",
    "  workgroupBarrier();",
    "}",
  ];
}

/**
 * Within subgroups first, which are neighbours: with one instruction where there is one, else pairwise. Then the first of
 * a team combines what its subgroups have. How large these are is only known when the shader runs.
 */
function inSubgroups(
  size: TeamSize,
  subgroups: SubgroupSizes,
  combine: CombineGraph,
  total: string,
  name: string,
): string[] {
  // Where a subgroup may hold several teams, instructions for all of it will not do.
  const instructions = subgroups.max <= size ? instructionsOf(combine, total) : null;
  const within = instructions ?? [
    `for (var distance = min(subgroup_size, ${size}u) / 2u; distance > 0u; distance = distance / 2u) {`,
    ...withOther(combine, total, (c) => {
      const own = encodeState(combine.types[c], `${total}${c}`);
      return `subgroupShuffleDown(${own}, distance)`;
    }),
    "}",
  ];
  if (subgroups.min >= size) return within;
  return [
    ...within,
    `if (subgroup_lane % ${size}u == 0u) {`,
    ...publish(combine, total, name),
    "}",
    "workgroupBarrier();",
    "if (member == 0u) {",
    `for (var other = subgroup_size; other < ${size}u; other += subgroup_size) {`,
    ...withOther(combine, total, (c) => `${name}${c}[lane + other]`),
    "}",
    "}",
  ];
}

/** Instructions that combine each component over a subgroup; null if there is none for one of them. */
function instructionsOf({ types, body }: CombineGraph, total: string): string[] | null {
  const lines = body.map((node, c) => {
    const source = instructionOf(node, c, types, `${total}${c}`);
    return source === null ? null : `${total}${c} = ${source};`;
  });
  return lines.every((line) => line !== null) ? lines : null;
}

function instructionOf(node: Node, c: number, types: readonly ComputeType[], value: string): string | null {
  if (node.kind !== "op") return null;
  const operands = node.args.map((arg) => (arg.kind === "parameter" ? arg.index : -1)).sort((a, b) => a - b);
  if (operands.join() !== `${c},${types.length + c}`) return null;
  const plain = subgroupOperations[node.op];
  if (plain !== undefined) return `${plain}(${value})`;
  const extreme = node.op === "max" ? "subgroupMax" : node.op === "min" ? "subgroupMin" : null;
  if (extreme === null || node.type === "bool") return null;
  if (node.type !== "float32") return `${extreme}(${value})`;
  // NaN, if there is one; what instructions make of it is anybody's guess.
  return `select(${extreme}(${value}), not_a_number(), subgroupAny(is_nan(${value})))`;
}

const subgroupOperations: Readonly<Partial<Record<string, string>>> = {
  add: "subgroupAdd",
  mul: "subgroupMul",
  logicalAnd: "subgroupAll",
  logicalOr: "subgroupAny",
};
