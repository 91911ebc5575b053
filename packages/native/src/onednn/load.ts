import koffi from "koffi";
import { findLibrary } from "../shared-library.js";
import { OneDnn } from "./library.js";
import { ConvolutionPlan } from "./plan.js";

const files: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  // Debian's version 3 has a name of its own.
  linux: ["libdnnl.so.3", "libdnnl.so.3.6", "libdnnl.so.2"],
  // Where Homebrew puts libraries is not searched by itself.
  darwin: ["libdnnl.3.dylib", "/opt/homebrew/lib/libdnnl.3.dylib", "libdnnl.2.dylib"],
  win32: ["dnnl.dll"],
};

/** Where oneDNN is looked for, the newest version first. */
export const oneDnnFiles: readonly string[] = files[process.platform] ?? [];

/**
 * Loads the system's oneDNN: the file that `CHAIN_ONEDNN` names, or the newest of the usual ones.
 *
 * @returns the library, or a sentence that says why there is none
 */
export function loadOneDnn(): OneDnn | string {
  const advice =
    process.platform === "linux"
      ? "install oneDNN (Debian 13: apt-get install libdnnl3.6; Debian 12: apt-get install libdnnl2)"
      : null;
  return findLibrary({ variable: "CHAIN_ONEDNN", files: oneDnnFiles, advice, environment: {} }, openOneDnn);
}

/** @throws Error if the file cannot be loaded, is an unknown version, or computes wrongly */
export function openOneDnn(file: string): OneDnn {
  const library = new OneDnn(file);
  const geometry = { stride: [1], pad: [1], dilate: [1], groups: 1 };
  const plan = ConvolutionPlan.make(library, {
    direction: "forward",
    x: [1, 1, 3],
    w: [1, 1, 2],
    y: [1, 1, 4],
    bias: false,
    geometry,
  });
  if (plan === null) throw new Error(`${file} has no code for this processor`);
  const [x, w, y] = [Float32Array.of(1, 2, 3), Float32Array.of(4, 5), new Float32Array(4)];
  const scratch = new Uint8Array(plan.scratchBytes);
  const [px, pw, py, pscratch] = [x, w, y, scratch].map((bytes) => Number(koffi.address(bytes))) as [
    number,
    number,
    number,
    number,
  ];
  plan.run([px, pw], py, pscratch);
  plan.release();
  if (y.join() !== "5,14,23,12") throw new Error(`${file} convolves wrongly: ${y.join()}`);
  return library;
}
