/**
 * What differs between a server's runtime and a browser. `#platform` (`tools/build.mjs`) is `platform-node.ts` on Node, Deno and
 * Bun, and `platform-web.ts` elsewhere, so that a browser's bundle holds nothing of the other.
 */
import type { EventPayload } from "./types.js";

/** Events on disk that could not be delivered. */
export interface Spool {
  /** Keep these events, durably. Throws where the disk cannot, or where the spool would grow too large. */
  write(events: readonly EventPayload[]): void;
  /** The files, oldest first. */
  files(): string[];
  /** The events of a file, and how many of its lines are none. */
  read(file: string): { events: EventPayload[]; unreadable: number };
  /** Forget a file whose events are settled. */
  remove(file: string): void;
}

/** What a queue does when the process ends. */
export interface Ending {
  /** Nothing else is left to do. */
  close(): Promise<unknown>;
  /** A signal came which the application handles itself, so that more events may come. */
  flush(): Promise<unknown>;
  /** The last moment: no more than what can be done without waiting. */
  leave(): void;
}

export interface Platform {
  readonly userAgent: string | undefined;
  randomBytes(count: number): Uint8Array;
  hmacSha256(key: string, message: string): Promise<Uint8Array>;
  sha256(bytes: Uint8Array): Promise<Uint8Array>;
  /** Whether this is the signature (RFC 8032) of the message by this public key of 32 bytes. */
  verifyEd25519(key: Uint8Array, signature: Uint8Array, message: Uint8Array): Promise<boolean>;
  environment(name: string): string | undefined;
  /** Throws where there is no disk. */
  openSpool(directory: string, maxBytes: number): Spool;
  /** See to it that a queue is emptied when the process ends; returns what takes that back. A signal still ends the process. */
  atEnd(queue: Ending): () => void;
  /** Do not let this timer keep the process alive. */
  unref(timer: unknown): void;
}
