/** What kernels are chosen by: the kind of a GPU, and what it offers. */

/** A program that plays a GPU, a GPU that shares the processor's memory, or one with its own. */
export type AdapterKind = "software" | "integrated" | "discrete";

/** The sizes that subgroups may have: powers of two. */
export interface SubgroupSizes {
  readonly min: number;
  readonly max: number;
}

/** What a device offers. */
export interface Adapter {
  readonly kind: AdapterKind;
  /** Subgroups whose invocations can exchange values, if there are any. */
  readonly subgroups: SubgroupSizes | null;
  /** Whether shaders can have float16. */
  readonly halves: boolean;
  /** Bytes that a workgroup can share. */
  readonly workgroupBytes: number;
}

/** @param kind - instead of what the adapter says of itself; @param exchange - whether subgroups are used at all */
export function adapterOf(
  { adapterInfo: info, features, limits }: GPUDevice,
  kind: AdapterKind = kindOf(info),
  exchange = true,
): Adapter {
  return {
    kind,
    subgroups: exchange && features.has("subgroups") ? sizesOf(info) : null,
    halves: features.has("shader-f16"),
    workgroupBytes: limits.maxComputeWorkgroupStorageSize,
  };
}

/** Vendors of nothing but GPUs that share the processor's memory; some of Intel's and AMD's do not. */
const integrated = /^(?:apple|arm|broadcom|imgtec|img-tec|intel|mesa|qualcomm|samsung)/i;

/** Known by what it says of itself, and by the names of the usual ones. */
function kindOf(info: GPUAdapterInfo | undefined): AdapterKind {
  if (info === undefined) return "discrete";
  const name = `${info.architecture} ${info.description}`;
  if (info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|warp/i.test(name)) return "software";
  return integrated.test(info.vendor) ? "integrated" : "discrete";
}

/** Some browsers do not tell: WGSL allows 4 to 128. */
function sizesOf({ subgroupMinSize = 4, subgroupMaxSize = 128 }: Partial<GPUAdapterInfo>): SubgroupSizes {
  return { min: subgroupMinSize, max: subgroupMaxSize };
}
