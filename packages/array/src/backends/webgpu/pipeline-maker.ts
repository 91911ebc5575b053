import type { Pipeline } from "./command-stream.js";
import type { Shader } from "./wgsl/elementwise.js";
import { KernelError } from "../../errors.js";
import type { Failures } from "./failures.js";
import { computeStage } from "./flags.js";

/** Compiles shaders; bind group layouts are shared by shape. */
export class PipelineMaker {
  private readonly layouts = new Map<string, { group: GPUBindGroupLayout; pipeline: GPUPipelineLayout }>();

  constructor(
    private readonly device: GPUDevice,
    private readonly failures: Failures,
  ) {}

  /** If the shader does not compile, the next call that waits for the device throws a `KernelError`. */
  make(label: string, { source, bindings, layout }: Shader): Pipeline {
    const parameterBytes = layout.vectors * 16;
    const written = bindings.map((b) => b.written);
    const { group, pipeline } = this.layoutFor(written);
    let module: GPUShaderModule | undefined;
    const gpu = this.failures.guard(
      "validation",
      () => {
        module = this.device.createShaderModule({ label, code: source });
        const compute = { module, entryPoint: "main" };
        return this.device.createComputePipeline({ label, layout: pipeline, compute });
      },
      async (message) => compileError(label, source, message, await module?.getCompilationInfo()),
    );
    return { label, gpu, layout: group, groups: new Map(), parameterBytes };
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

/** Says which kernel, and shows the line that the compiler did not like. */
function compileError(
  kernel: string,
  source: string,
  message: string,
  info: GPUCompilationInfo | undefined,
): KernelError {
  const lines = source.split("\n");
  const complaints = (info?.messages ?? [])
    .filter(({ type }) => type === "error")
    .map((m) => `line ${m.lineNum}: ${m.message}\n  ${lines[m.lineNum - 1]?.trim() ?? ""}`);
  const details = complaints.length > 0 ? complaints.join("\n") : message;
  return new KernelError(`webgpu: kernel "${kernel}" does not compile. ${details}`);
}
