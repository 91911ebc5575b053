/** Getting a GPU: from the browser, or from Dawn's bindings in Node. */
import { environmentVariable } from "../../environment.js";
import { DeviceError } from "../../errors.js";

/** Which GPU to ask for. */
export interface WebGpuOptions {
  /** Prefer a fast one or a frugal one where there are several. */
  readonly powerPreference?: "high-performance" | "low-power";
  /** Part of the adapter's name, for machines with several drivers; `CHAIN_WEBGPU_ADAPTER` by default (Node only). */
  readonly adapter?: string;
}

/** Features that are used when the adapter has them. */
const wantedFeatures = ["shader-f16", "subgroups", "timestamp-query"] as const;

/**
 * Opens a GPU with the adapter's own limits.
 *
 * @throws DeviceError that says what was tried and what to install when there is none.
 */
export async function requestGpuDevice(options: WebGpuOptions = {}): Promise<GPUDevice> {
  const gpu = await findGpu(options);
  const adapter = await gpu.requestAdapter({ powerPreference: options.powerPreference ?? "high-performance" });
  if (adapter === null) throw new DeviceError(`no WebGPU adapter was found. ${advice()}`);
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

/** Dawn's instance must outlive its devices, so it is not left to the garbage collector. */
let instance: GPU | undefined;

async function findGpu({ adapter = environmentVariable("CHAIN_WEBGPU_ADAPTER") }: WebGpuOptions): Promise<GPU> {
  const own = typeof navigator === "undefined" ? undefined : (navigator as Partial<Navigator>).gpu;
  if (own !== undefined) return own;
  if (typeof process === "undefined") throw new DeviceError(`this browser has no WebGPU. ${advice()}`);
  const dawn = await loadDawn();
  Object.assign(globalThis, dawn.globals);
  instance ??= dawn.create(adapter === undefined ? [] : [`adapter=${adapter}`]);
  return instance;
}

interface Dawn {
  readonly create: (options: string[]) => GPU;
  readonly globals: object;
}

async function loadDawn(): Promise<Dawn> {
  // Named in a variable, so that bundlers for the browser do not look for it.
  const name = "webgpu";
  try {
    return (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as Dawn;
  } catch (error) {
    throw new DeviceError(`WebGPU in Node needs the optional package "webgpu": npm install webgpu (${String(error)})`);
  }
}

function advice(): string {
  return typeof process === "undefined"
    ? "Use a browser with WebGPU on a page served over https or from localhost, or the cpu device."
    : "Dawn looks for a Vulkan, Metal or D3D12 driver: install your GPU's, or on Debian libvulkan1 and chromium for a " +
        "software one (VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json).";
}
