import { describe, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Runs the built program. */
function run(args: readonly string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("../dist/train.js", import.meta.url)), ...args]);
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => (output[name] += text));
  }
  return new Promise((resolve) => void child.on("close", (status) => resolve({ status, ...output })));
}

describe("the command line", () => {
  test.each([
    [["--nothing"], "error: unknown option '--nothing'"],
    [
      ["--survival", "0"],
      "error: option '--survival <p>' argument '0' is invalid. It has to be above 0, and 1 at most.",
    ],
    [["--survival", "1.5"], "error: option '--survival <p>' argument '1.5' is invalid."],
    [["--depth", "x"], "error: option '--depth <n>' argument 'x' is invalid."],
    [["--depth", "21"], "6n + 2"],
    [["--dataset", "letters"], "Allowed choices are cifar10, fashion-mnist, mnist."],
    [["--model", "transformer"], "Allowed choices are resnet, vgg, cnn."],
    [["--lr", "-1"], "error: option '--lr <x>' argument '-1' is invalid."],
    [["--device", "abacus"], 'unknown device "abacus"'],
    [["more"], "error: too many arguments."],
  ])("%j gives one clear line", async (args, message) => {
    const { status, stderr } = await run(args);
    expect([status, stderr.trim().split("\n").length]).toEqual([1, 1]);
    expect(stderr).toContain(message);
  });

  test("--help tells the flags", async () => {
    const { status, stdout } = await run(["--help"]);
    expect(status).toBe(0);
    for (const flag of ["--depth", "--survival", "--dataset", "--model", "--resume", "--seed"]) {
      expect(stdout).toContain(flag);
    }
  });
});
