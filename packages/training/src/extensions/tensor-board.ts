import { ChainError, ValueError } from "@chain/array";
import { buildComputationalGraph, Variable } from "@chain/autograd";
import { DictSummary, type Link, type Observation } from "@chain/links";
import type { AbstractSerializer } from "@chain/links/serializers";
import { AppendedFile } from "../appended-file.js";
import { Extension } from "../extension.js";
import { encodeEvent, type EventContents } from "../format/event.js";
import { tfRecord } from "../format/tf-record.js";
import type { Trainer } from "../trainer.js";
import { getTrigger } from "../triggers/get-trigger.js";
import type { Trigger, TriggerLike } from "../triggers/trigger.js";
import { KeptGraph } from "./kept-graph.js";

/** Options of {@link TensorBoard}. */
export interface TensorBoardOptions {
  /** Observed values to write; all by default. */
  readonly keys?: Iterable<string>;
  /** When means are written, and histograms. Default: every epoch. */
  readonly trigger?: TriggerLike;
  /** Links whose parameters and gradients are written as histograms; none by default. */
  readonly histograms?: Link | readonly Link[];
  /** Key of an observed Variable, whose graph in the first iteration is written: `"main/loss"`. */
  readonly graph?: string;
}

/**
 * Writes an event file into the output folder, for people who look at their trainings with TensorBoard: means of observed
 * values between two firings of its trigger, histograms, and the graph of the first iteration. Steps are iterations.
 *
 * A resumed training goes on in the same file, without missing or double events.
 */
export class TensorBoard extends Extension {
  private readonly keys: ReadonlySet<string> | null;
  private readonly emit: Trigger;
  private readonly links: readonly Link[];
  private readonly graph: string | null;
  private readonly summary = new DictSummary();
  private readonly file = new AppendedFile();
  private readonly keptGraph = new KeptGraph();
  private graphDone = false;

  constructor(options: TensorBoardOptions = {}) {
    super();
    this.keys = options.keys === undefined ? null : new Set(options.keys);
    this.emit = getTrigger(options.trigger === undefined ? [1, "epoch"] : options.trigger);
    this.links = [options.histograms ?? []].flat();
    this.graph = options.graph ?? null;
    if (this.graph === "") throw new ValueError('graph is the key of an observed Variable, "main/loss" for example');
  }

  override get defaultName(): string {
    return "TensorBoard";
  }

  override async initialize(trainer: Trainer): Promise<void> {
    if (this.graph !== null && !this.graphDone) this.keptGraph.begin();
    await this.file.open(trainer.out, `events.out.tfevents.${Math.floor(Date.now() / 1000)}.${process.pid}.chain`);
    if (this.file.isEmpty) await this.write(0, [{ kind: "version" }]);
  }

  override async call(trainer: Trainer): Promise<void> {
    const { iteration } = trainer.updater;
    if (this.graph !== null && !this.graphDone) await this.writeGraph(this.graph, trainer);
    this.summary.add(this.wanted(trainer.observation));
    if (!(await this.emit.call(trainer))) return;
    const values = await this.summary.computeMean();
    this.summary.dispose();
    await this.write(iteration, [{ kind: "scalars", values }, ...(await this.histogramsOf(this.links))]);
  }

  override async finalize(): Promise<void> {
    this.keptGraph.end();
    await this.file.close();
  }

  override serialize(serializer: AbstractSerializer): void {
    this.emit.serialize?.(serializer.child("_trigger"));
    this.summary.serialize(serializer.child("_summary"));
    this.file.serialize(serializer);
    this.graphDone = serializer.value("graph_done", this.graphDone);
  }

  private wanted(observation: Observation): Observation {
    const { keys } = this;
    if (keys === null) return observation;
    return Object.fromEntries(Object.entries(observation).filter(([key]) => keys.has(key)));
  }

  private async histogramsOf(links: readonly Link[]): Promise<EventContents[]> {
    const pending: Promise<EventContents>[] = [];
    for (const link of links) {
      for (const [path, param] of link.namedParams({ includeUninit: false })) {
        const name = `${link.name ?? "model"}${path}`;
        const read = async (suffix: string, array: NonNullable<typeof param.grad>): Promise<EventContents> => ({
          kind: "histogram",
          name: `${name}/${suffix}`,
          values: await array.data(),
        });
        pending.push(read("data", param.array));
        if (param.grad !== null) pending.push(read("grad", param.grad));
      }
    }
    return Promise.all(pending);
  }

  private async writeGraph(root: string, { observation, updater }: Trainer): Promise<void> {
    this.graphDone = true;
    this.keptGraph.end();
    const variable = observation[root];
    if (!(variable instanceof Variable)) {
      const names = Object.keys(observation).join(", ");
      throw new ChainError(`TensorBoard: "${root}" is not an observed Variable; observed are: ${names}`);
    }
    await this.write(updater.iteration, [{ kind: "graph", graph: buildComputationalGraph([variable]) }]);
  }

  private async write(step: number, events: readonly EventContents[]): Promise<void> {
    const now = Date.now() / 1000;
    const records = events.map((contents) => tfRecord(encodeEvent(now, step, contents)));
    await this.file.append(Buffer.concat(records));
  }
}
