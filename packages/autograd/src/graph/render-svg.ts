import { ChainError } from "@chain/array";

/**
 * Draws a graph in the DOT language as SVG, with Graphviz compiled to WebAssembly: the optional peer dependency
 * `@hpcc-js/wasm-graphviz`.
 *
 * @throws ChainError if that package is not installed, or the text is not DOT.
 */
export async function renderSvg(dot: string): Promise<string> {
  const graphviz = await loadGraphviz();
  try {
    return graphviz.dot(dot, "svg");
  } catch (error) {
    throw new ChainError(`renderSvg: Graphviz cannot draw this: ${describe(error)}`, { cause: error });
  }
}

async function loadGraphviz(): Promise<{ dot(source: string, format: "svg"): string }> {
  try {
    const { Graphviz } = await import("@hpcc-js/wasm-graphviz");
    return await Graphviz.load();
  } catch (error) {
    throw new ChainError(
      `renderSvg needs the package @hpcc-js/wasm-graphviz (npm install @hpcc-js/wasm-graphviz): ${describe(error)}`,
      { cause: error },
    );
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
