import { DeviceError } from "../../errors.js";
import type { PooledBuffer } from "./buffer-pool.js";
import type { Failures } from "./failures.js";
import { bufferUsage } from "./flags.js";
import { GpuProfile } from "./gpu-profile.js";

/** A pipeline with the bind groups that have been made for it. */
export interface Pipeline {
  readonly label: string;
  readonly gpu: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly groups: Map<string, GPUBindGroup>;
  /** Bytes of parameters, a multiple of 16. */
  readonly parameterBytes: number;
}

/** Dispatches that are recorded before they are handed to the GPU. */
const batchSize = 64;
/** Bind groups kept for a pipeline. Making one costs more than the rest of a dispatch. */
const mostBindGroups = 4096;
/** Batches that may be under way before {@link CommandStream.pace} asks to wait. */
const mostBatches = 8;
const alignment = 256;
const ringBytes = 1 << 18;

/**
 * Records dispatches and hands them over in batches: one submit for dozens of kernels. Parameters go through one uniform
 * buffer that is written once a batch.
 */
export class CommandStream {
  private readonly ring: GPUBuffer;
  private readonly host = new Uint8Array(ringBytes);
  private readonly words = new Uint32Array(this.host.buffer);
  private used = 0;
  private encoder: GPUCommandEncoder | null = null;
  private pass: GPUComputePassEncoder | null = null;
  /** The pipeline that the pass has now. */
  private current: Pipeline | null = null;
  /** Asked for once: every look at limits goes through the bindings. */
  private readonly mostWorkgroups: number;
  private recorded = 0;
  private profile: GpuProfile | null = null;
  /** Batches that have been handed over and are not done, in order. */
  private readonly underWay: Promise<void>[] = [];

  constructor(
    private readonly device: GPUDevice,
    private readonly failures: Failures,
  ) {
    this.ring = device.createBuffer({ size: ringBytes, usage: bufferUsage.uniform | bufferUsage.copyTarget });
    this.mostWorkgroups = device.limits.maxComputeWorkgroupsPerDimension;
  }

  /** Space for a dispatch's parameters; fill it before calling {@link dispatch}. Throws if the device is lost. */
  parameters(bytes: number): { words: Uint32Array; start: number } {
    if (this.failures.lost !== null) throw this.failures.lost;
    if (this.used + Math.max(bytes, alignment) > ringBytes) this.flush();
    return { words: this.words, start: this.used / 4 };
  }

  /** Runs `groups` workgroups of a pipeline over storage buffers, with the parameters filled in last. */
  dispatch(pipeline: Pipeline, buffers: readonly PooledBuffer[], groups: number): void {
    this.encoder ??= this.device.createCommandEncoder();
    if (this.profile !== null) this.measure(this.profile, pipeline.label);
    this.pass ??= this.encoder.beginComputePass();
    if (this.current !== pipeline) this.pass.setPipeline(pipeline.gpu);
    this.current = pipeline;
    this.pass.setBindGroup(0, this.groupOf(pipeline, buffers), [this.used]);
    const x = Math.min(groups, this.mostWorkgroups);
    this.pass.dispatchWorkgroups(x, Math.ceil(groups / x));
    this.used += Math.ceil(pipeline.parameterBytes / alignment) * alignment;
    if (++this.recorded >= batchSize) this.flush();
  }

  /** Copies between buffers, in order with the dispatches. */
  copy(from: GPUBuffer, fromOffset: number, to: GPUBuffer, toOffset: number, bytes: number): void {
    this.endPass();
    this.encoder ??= this.device.createCommandEncoder();
    this.encoder.copyBufferToBuffer(from, fromOffset, to, toOffset, bytes);
  }

  /** Hands everything recorded to the GPU. */
  flush(): void {
    if (this.encoder === null) return;
    this.endPass();
    if (this.used > 0) this.device.queue.writeBuffer(this.ring, 0, this.host, 0, this.used);
    const submitted = this.profile?.collect(this.encoder);
    this.device.queue.submit([this.encoder.finish()]);
    submitted?.();
    this.underWay.push(
      this.device.queue
        .onSubmittedWorkDone()
        // A lost device has nothing under way.
        .catch(() => undefined)
        .then(() => void this.underWay.shift()),
    );
    this.encoder = null;
    this.recorded = 0;
    this.used = 0;
  }

  /** Resolves when few batches are under way; null if that is so now. */
  pace(): Promise<void> | null {
    return this.underWay[this.underWay.length - mostBatches] ?? null;
  }

  /** Measures every dispatch until the profile is stopped. */
  startProfile(): GpuProfile {
    this.flush();
    if (this.profile !== null) throw new DeviceError("webgpu: a profile is being taken already");
    this.profile = new GpuProfile(this.device, batchSize, () => {
      this.flush();
      this.profile = null;
    });
    return this.profile;
  }

  /** A pass of its own for the next dispatch: times are those of passes. */
  private measure(profile: GpuProfile, label: string): void {
    this.endPass();
    this.pass = this.encoder?.beginComputePass({ timestampWrites: profile.next(label) }) ?? null;
  }

  private endPass(): void {
    this.pass?.end();
    this.pass = null;
    this.current = null;
  }

  private groupOf(pipeline: Pipeline, buffers: readonly PooledBuffer[]): GPUBindGroup {
    let key = "";
    for (const { id } of buffers) key += `${id},`;
    let group = pipeline.groups.get(key);
    if (group === undefined) {
      // Buffers come from a pool, so the same few combinations return; more than this is a sign of changing sizes.
      if (pipeline.groups.size >= mostBindGroups) pipeline.groups.clear();
      group = this.device.createBindGroup({
        layout: pipeline.layout,
        entries: [
          { binding: 0, resource: { buffer: this.ring, size: pipeline.parameterBytes } },
          ...buffers.map(({ gpu }, i) => ({ binding: i + 1, resource: { buffer: gpu } })),
        ],
      });
      pipeline.groups.set(key, group);
    }
    return group;
  }
}
