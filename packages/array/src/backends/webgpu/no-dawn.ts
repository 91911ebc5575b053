import { DeviceError } from "../../errors.js";

/** In place of Dawn where the browser is the only one to ask. */
export function requestDawnAdapter(): Promise<GPUAdapter> {
  return Promise.reject(
    new DeviceError(
      "no WebGPU: this browser, or this page, does not have it. Use a browser with WebGPU on a page served over https or from " +
        "localhost, or the cpu device.",
    ),
  );
}
