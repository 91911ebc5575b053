import type { Pipeline } from "./command-stream.js";
import type { Shader } from "./wgsl/elementwise.js";
import { computeStage } from "./flags.js";

/** Compiles shaders; bind group layouts are shared by shape. */
export class PipelineMaker {
  private readonly layouts = new Map<string, { group: GPUBindGroupLayout; pipeline: GPUPipelineLayout }>();

  constructor(private readonly device: GPUDevice) {}

  make(label: string, { source, bindings, layout }: Shader): Pipeline {
    const parameterBytes = layout.vectors * 16;
    const written = bindings.map((b) => b.written);
    const { group, pipeline } = this.layoutFor(written);
    const module = this.device.createShaderModule({ label, code: source });
    const gpu = this.device.createComputePipeline({ label, layout: pipeline, compute: { module, entryPoint: "main" } });
    return { gpu, layout: group, groups: new Map(), parameterBytes };
  }

  private layoutFor(written: readonly boolean[]): { group: GPUBindGroupLayout; pipeline: GPUPipelineLayout } {
    const key = written.map((w) => (w ? "w" : "r")).join("");
    let layouts = this.layouts.get(key);
    if (layouts === undefined) {
      const visibility = computeStage;
      const group = this.device.createBindGroupLayout({
        entries: [
          { binding: 0, visibility, buffer: { type: "uniform", hasDynamicOffset: true } },
          ...written.map((w, i): GPUBindGroupLayoutEntry => ({
            binding: i + 1,
            visibility,
            buffer: { type: w ? "storage" : "read-only-storage" },
          })),
        ],
      });
      layouts = { group, pipeline: this.device.createPipelineLayout({ bindGroupLayouts: [group] }) };
      this.layouts.set(key, layouts);
    }
    return layouts;
  }
}
