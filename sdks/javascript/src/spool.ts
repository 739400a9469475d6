/**
 * Events that could not be delivered, in files until they are: `<unix-ms>-<random>.jsonl`, one event a line as it goes over the wire. A
 * file is written under another name, synced and renamed, so that what is there is whole. The form is the same in all our SDKs.
 */
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Spool } from "./platform.js";
import type { EventPayload } from "./types.js";

const NAME = /^\d+-[0-9A-Za-z]+\.jsonl$/;

export class FileSpool implements Spool {
  /** What all files hold. Kept, because to ask the disk takes longer the more there are; the directory is this process's own. */
  private bytes: number;
  /** When the last file was written: the next is later, or files of one millisecond would be sent in any order. */
  private newest = 0;

  constructor(
    private readonly directory: string,
    private readonly maxBytes: number,
  ) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.bytes = readdirSync(directory).reduce((total, name) => total + sizeOf(join(directory, name)), 0);
  }

  write(events: readonly EventPayload[]): void {
    const content = Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    if (this.bytes + content.length > this.maxBytes) throw new Error(`The spool holds its ${this.maxBytes} bytes`);
    this.newest = Math.max(Date.now(), this.newest + 1);
    const name = `${this.newest}-${randomBytes(8).toString("hex")}.jsonl`;
    const temporary = join(this.directory, `.${name}.part`);
    try {
      const file = openSync(temporary, "wx", 0o600);
      try {
        for (let written = 0; written < content.length; ) written += writeSync(file, content, written);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, join(this.directory, name));
      this.bytes += content.length;
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  files(): string[] {
    const when = (name: string) => Number(name.split("-")[0]);
    return readdirSync(this.directory)
      .filter((name) => NAME.test(name))
      .sort((one, other) => when(one) - when(other) || (one < other ? -1 : 1));
  }

  read(file: string): { events: EventPayload[]; unreadable: number } {
    const lines = readFileSync(join(this.directory, file), "utf8").split("\n").filter(Boolean);
    const events = lines.map(parsed).filter((event) => event !== undefined);
    return { events, unreadable: lines.length - events.length };
  }

  remove(file: string): void {
    const path = join(this.directory, file);
    this.bytes -= sizeOf(path);
    rmSync(path, { force: true });
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function parsed(line: string): EventPayload | undefined {
  try {
    const event: unknown = JSON.parse(line);
    return typeof event === "object" && event !== null && !Array.isArray(event) ? (event as EventPayload) : undefined;
  } catch {
    return undefined;
  }
}
