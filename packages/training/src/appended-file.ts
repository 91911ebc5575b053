import { FileError, type AbstractSerializer } from "@chain/links/serializers";
import type { FileHandle } from "node:fs/promises";
import { fileSystem } from "./files.js";

/**
 * A file that grows. Snapshots hold its name and length, so that a resumed training goes on exactly where its snapshot was
 * taken: what had been written after it is cut off, and will be written again.
 */
export class AppendedFile {
  private name: string | null = null;
  private length = 0;
  private handle: FileHandle | null = null;
  private path = "";

  /** Opens the file that a snapshot tells of, if it is there and as long as it should be; or else makes a new one. */
  async open(folder: string, newName: string): Promise<void> {
    const { open, path } = await fileSystem();
    if (this.name !== null) {
      this.path = path.join(folder, this.name);
      const handle = await open(this.path, "r+").catch(() => null);
      if (handle !== null && (await handle.stat()).size >= this.length) {
        await handle.truncate(this.length);
        this.handle = handle;
        return;
      }
      await handle?.close();
    }
    this.name = newName;
    this.length = 0;
    this.path = path.join(folder, newName);
    try {
      this.handle = await open(this.path, "w");
    } catch (error) {
      throw this.failure(error);
    }
  }

  /** Whether nothing has been written into it yet. */
  get isEmpty(): boolean {
    return this.length === 0;
  }

  /** Writes at the end, and waits until it is on the disk. */
  async append(bytes: Uint8Array): Promise<void> {
    if (this.handle === null) throw new FileError("the file is not open");
    try {
      // Behind what is known to be whole: a write that failed half way is overwritten by the next one.
      for (let written = 0; written < bytes.length;) {
        const { bytesWritten } = await this.handle.write(bytes, written, bytes.length - written, this.length + written);
        written += bytesWritten;
      }
      await this.handle.datasync();
    } catch (error) {
      throw this.failure(error);
    }
    this.length += bytes.length;
  }

  async close(): Promise<void> {
    await this.handle?.close();
    this.handle = null;
  }

  serialize(serializer: AbstractSerializer): void {
    this.name = serializer.value<string | null>("file", this.name);
    this.length = serializer.value("length", this.length);
  }

  private failure(error: unknown): FileError {
    const reason = error instanceof Error ? error.message : String(error);
    return new FileError(`cannot write ${this.path}: ${reason}`, { cause: error });
  }
}
