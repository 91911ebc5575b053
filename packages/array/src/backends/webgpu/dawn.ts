/** WebGPU in Node: the optional package `webgpu`, which is Dawn. */
import { environmentVariable } from "../../environment.js";
import { DeviceError } from "../../errors.js";
import { messageOf } from "./message-of.js";

interface Dawn {
  readonly create: (options: string[]) => GPU;
  readonly globals: object;
}

/** Where packages of Chromium put a software driver that Dawn accepts: Debian, Ubuntu, Chrome itself. */
const softwareDrivers = [
  "/usr/lib/chromium/vk_swiftshader_icd.json",
  "/usr/lib/chromium-browser/vk_swiftshader_icd.json",
  "/opt/google/chrome/vk_swiftshader_icd.json",
];

/** Which drivers the Vulkan loader looks at; without it, those that are installed in the system. */
const driverVariable = "VK_DRIVER_FILES";

/** An instance must outlive its devices, so the one in use is not left to the garbage collector. */
let instance: GPU | undefined;

/**
 * An adapter of this machine: one whose name contains `name` (`CHAIN_WEBGPU_ADAPTER` by default), or the first. Where
 * the system has no driver that Dawn accepts, Chromium's software one is used if it is installed.
 *
 * @throws DeviceError that says what was tried and what to install.
 */
export async function requestDawnAdapter(
  name: string | undefined,
  request: GPURequestAdapterOptions,
): Promise<GPUAdapter> {
  const dawn = await loadDawn();
  const wanted = name ?? environmentVariable("CHAIN_WEBGPU_ADAPTER");
  const options = wanted === undefined ? [] : [`adapter=${wanted}`];
  const tried: string[] = [];
  const attempt = async (what: string): Promise<GPUAdapter | null> => {
    try {
      instance ??= dawn.create(options);
      const adapter = await instance.requestAdapter(request);
      if (adapter !== null && adapter !== undefined) return adapter;
      tried.push(what);
    } catch (error) {
      tried.push(`${what} (${messageOf(error)})`);
    }
    instance = undefined;
    return null;
  };
  const given = environmentVariable(driverVariable);
  const found = await attempt(given === undefined ? "the system's drivers" : `${driverVariable}=${given}`);
  if (found !== null) return found;
  for (const driver of given === undefined ? softwareDrivers : []) {
    if (!isFile(driver)) {
      tried.push(`${driver} (not there)`);
      continue;
    }
    process.env[driverVariable] = driver;
    const adapter = await attempt(driver);
    if (adapter !== null) return adapter;
    delete process.env[driverVariable];
  }
  throw new DeviceError(
    `no WebGPU adapter${wanted === undefined ? "" : ` whose name contains "${wanted}"`} was found. ` +
      `Tried: ${tried.join("; ")}. Install the GPU's Vulkan, Metal or D3D12 driver, or a software one ` +
      "(Debian: apt-get install libvulkan1 chromium), or use the cpu device.",
  );
}

function isFile(path: string): boolean {
  // Not imported: bundles for browsers must not name Node's modules.
  return process.getBuiltinModule?.("node:fs").existsSync(path) ?? false;
}

async function loadDawn(): Promise<Dawn> {
  // Named in a variable, so that bundlers for the browser do not look for it.
  const name = "webgpu";
  try {
    return (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as Dawn;
  } catch (error) {
    throw new DeviceError(
      `WebGPU in Node needs the optional package "webgpu" (0.6.2 or newer): npm install webgpu. ${messageOf(error)}`,
    );
  }
}
