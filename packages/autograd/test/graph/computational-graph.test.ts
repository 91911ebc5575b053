import { array, ValueError } from "@chain/array";
import { buildComputationalGraph, renderSvg, Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";

const x = new Variable(array([[1, 2]]), { name: "x" });
const y = F.sum(F.mul(F.exp(x), x));

describe("buildComputationalGraph", () => {
  test("draws variables and functions, from the output back", () => {
    const variable = 'shape="octagon",fillcolor="#E0E0E0",style="filled"';
    const fn = 'shape="record",fillcolor="#6495ED",style="filled"';
    expect(buildComputationalGraph(y).dump()).toBe(`digraph graphname {
  rankdir=TB;
  n0 [label="(), float32",${variable}];
  n1 [label="sum",${fn}];
  n2 [label="(1, 2), float32",${variable}];
  n3 [label="mul",${fn}];
  n4 [label="(1, 2), float32",${variable}];
  n5 [label="exp",${fn}];
  n6 [label="x: (1, 2), float32",${variable}];
  n1 -> n0;
  n2 -> n1;
  n3 -> n2;
  n4 -> n3;
  n5 -> n4;
  n6 -> n3;
  n6 -> n5;
}
`);
  });

  test("leaves variables out, takes styles and a direction", () => {
    const graph = buildComputationalGraph([y], {
      removeVariable: true,
      rankdir: "LR",
      functionStyle: (fn) => ({ shape: "box", tooltip: `the "${fn.label}"` }),
    });
    expect(graph.dump("dot")).toBe(`digraph graphname {
  rankdir=LR;
  n0 [label="sum",shape="box",tooltip="the \\"sum\\""];
  n1 [label="mul",shape="box",tooltip="the \\"mul\\""];
  n2 [label="exp",shape="box",tooltip="the \\"exp\\""];
  n1 -> n0;
  n2 -> n1;
}
`);
    expect(graph.nodes.length).toBe(3);
  });

  test("draws what is shared once, and one arrow where an input is used twice", () => {
    const { nodes, edges } = buildComputationalGraph([F.mul(x, x), F.exp(x)]);
    expect(nodes.filter((node) => node === x.node).length).toBe(1);
    expect(edges.filter(([from]) => from === x.node).length).toBe(2);
  });

  test("hides names", () => {
    const dot = buildComputationalGraph(x, { showName: false, variableStyle: { shape: "box" } }).dump();
    expect(dot).toContain('n0 [label="(1, 2), float32",shape="box"];');
  });

  test("knows one format", () => {
    expect(() => buildComputationalGraph(y).dump("png" as never)).toThrow(ValueError);
  });
});

describe("renderSvg", () => {
  test("draws the graph", async () => {
    const svg = await renderSvg(buildComputationalGraph(y).dump());
    expect(svg).toContain("<svg");
    expect(svg.match(/<g id="node\d+"/g)?.length).toBe(7);
    expect(svg).toContain("x: (1, 2), float32");
  });

  test("says what is wrong with text that is not DOT", async () => {
    await expect(renderSvg("graph {")).rejects.toThrow("Graphviz cannot draw this");
  });
});
