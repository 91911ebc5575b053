import { ChainError } from "@chain/array";
import { buildComputationalGraph, renderSvg, Variable } from "@chain/autograd";
import { writeFileAtomically, type AbstractSerializer } from "@chain/links/serializers";
import { Extension } from "../extension.js";
import { fileSystem } from "../files.js";
import type { Trainer } from "../trainer.js";
import type { TriggerLike } from "../triggers/trigger.js";
import { KeptGraph } from "./kept-graph.js";

/** Options of {@link DumpGraph}. */
export interface DumpGraphOptions {
  /** Name of the DOT file in the output folder; the picture is called the same, with `.svg`. Default: `"cg.dot"`. */
  readonly filename?: string;
  /** Graphviz attributes of variables. */
  readonly variableStyle?: Readonly<Record<string, string>>;
  /** Graphviz attributes of functions. */
  readonly functionStyle?: Readonly<Record<string, string>>;
  /** Draws functions only. Default: false. */
  readonly removeVariable?: boolean;
}

/**
 * Writes the graph that the first iteration has left behind (or the first that fires a trigger of your own), in Graphviz's
 * language and as an SVG picture, from an observed Variable back to the inputs. Until then, reported Variables keep their
 * graph. Without the package that draws (see `renderSvg`) there is no picture, and a warning.
 */
export class DumpGraph extends Extension {
  override readonly trigger: TriggerLike = () => !this.done;
  private readonly filename: string;
  private done = false;
  private readonly keptGraph = new KeptGraph();

  /** @param rootName key of the observed Variable: `"main/loss"` */
  constructor(
    readonly rootName: string,
    private readonly options: DumpGraphOptions = {},
  ) {
    super();
    this.filename = options.filename ?? "cg.dot";
  }

  override get defaultName(): string {
    return "dump_graph";
  }

  override initialize(): void {
    if (!this.done) this.keptGraph.begin();
  }

  override async call(trainer: Trainer): Promise<void> {
    if (this.done) return;
    this.done = true;
    this.keptGraph.end();
    const root = trainer.observation[this.rootName];
    if (!(root instanceof Variable)) {
      const names = Object.keys(trainer.observation).join(", ");
      throw new ChainError(`DumpGraph: "${this.rootName}" is not an observed Variable; observed are: ${names}`);
    }
    const { functionStyle, removeVariable = false, variableStyle } = this.options;
    const dot = buildComputationalGraph([root], {
      removeVariable,
      variableStyle: variableStyle ?? { shape: "octagon", fillcolor: "#E0E0E0", style: "filled" },
      functionStyle: functionStyle ?? { shape: "record", fillcolor: "#6495ED", style: "filled" },
    }).dump();
    const { path } = await fileSystem();
    const file = path.join(trainer.out, this.filename);
    await writeFileAtomically(file, dot);
    const picture = path.join(path.dirname(file), `${path.basename(file, path.extname(file))}.svg`);
    try {
      await writeFileAtomically(picture, await renderSvg(dot));
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      console.warn(`${picture} is not drawn: ${error.message}`);
    }
  }

  override finalize(): void {
    this.keptGraph.end();
  }

  override serialize(serializer: AbstractSerializer): void {
    this.done = serializer.value("_flag_called", this.done);
  }
}
