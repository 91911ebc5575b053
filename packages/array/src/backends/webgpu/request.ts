/** Getting a GPU: from the browser, or from Dawn's bindings in Node. */
import { requestDawnAdapter } from "#dawn";
import type { AdapterKind } from "./adapter.js";
import { DeviceError } from "../../errors.js";

/** Which GPU to ask for, and how to use it. */
export interface WebGpuOptions {
  /** Prefer a fast one or a frugal one where there are several. */
  readonly powerPreference?: "high-performance" | "low-power";
  /** Part of the adapter's name, for machines with several drivers; `CHAIN_WEBGPU_ADAPTER` by default (Node only). */
  readonly adapter?: string;
  /** The name that the backend is registered under; "webgpu" by default. */
  readonly name?: string;
  /** What kind of GPU kernels are chosen for; found out from the adapter by default. */
  readonly kind?: AdapterKind;
  /** Whether kernels exchange values within subgroups where the adapter has them; true by default. */
  readonly subgroups?: boolean;
}

/** Features that are used when the adapter has them. */
const wantedFeatures = ["shader-f16", "subgroups", "timestamp-query"] as const;

/**
 * Opens a GPU with the adapter's own limits.
 *
 * @throws DeviceError that says what was tried and what to install when there is none.
 */
export async function requestGpuDevice(options: WebGpuOptions = {}): Promise<GPUDevice> {
  const adapter = await findAdapter(options);
  const limits: Record<string, number> = {};
  for (const name of raisedLimits) limits[name] = adapter.limits[name];
  return adapter.requestDevice({
    requiredLimits: limits,
    requiredFeatures: wantedFeatures.filter((feature) => adapter.features.has(feature)),
  });
}

const raisedLimits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
] as const;

async function findAdapter(options: WebGpuOptions): Promise<GPUAdapter> {
  const request: GPURequestAdapterOptions = { powerPreference: options.powerPreference ?? "high-performance" };
  const own = typeof navigator === "undefined" ? undefined : (navigator as Partial<Navigator>).gpu;
  if (own !== undefined) {
    const adapter = await own.requestAdapter(request);
    if (adapter !== null) return adapter;
    throw new DeviceError(
      "no WebGPU adapter was found: the browser has WebGPU, and no GPU that it trusts. Use another browser, or the cpu device.",
    );
  }
  return requestDawnAdapter(options.adapter, request);
}
