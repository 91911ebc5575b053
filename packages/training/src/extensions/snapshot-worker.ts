/** The program of the thread that writes snapshots: see `snapshot-writer.ts`. */
import { writeNpz } from "@chain/links/serializers";
import { parentPort } from "node:worker_threads";
import type { WriteReply, WriteRequest } from "./snapshot-writer.js";

parentPort?.on("message", (request: WriteRequest) => void answer(request));

async function answer({ file, entries }: WriteRequest): Promise<void> {
  let reply: WriteReply = { error: null };
  try {
    await writeNpz(file, entries);
  } catch (error) {
    reply = { error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(reply, []);
}
