/** Node, Deno and Bun: their crypto, disk and the end of the process. */
import { createHash, createHmac, createPublicKey, randomBytes, verify } from "node:crypto";
import type { Ending, Platform } from "./platform.js";
import { FileSpool } from "./spool.js";
import { VERSION } from "./version.js";

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
/** Marks our listeners, also those of another copy of this module (one by `import`, one by `require`). */
const OURS = Symbol.for("getimmutable.signal");
/** What stands before the 32 bytes of an Ed25519 key where it is written as DER (RFC 8410). */
const ED25519_DER = Buffer.from("302a300506032b6570032100", "hex");
const queues = new Set<Ending>();

export const platform: Platform = {
  userAgent: `getimmutable-javascript/${VERSION}`,
  randomBytes: (count) => new Uint8Array(randomBytes(count)),
  hmacSha256: async (key, message) => new Uint8Array(createHmac("sha256", key).update(message, "utf8").digest()),
  sha256: async (bytes) => new Uint8Array(createHash("sha256").update(bytes).digest()),
  verifyEd25519: async (key, signature, message) =>
    verify(null, message, createPublicKey({ key: Buffer.concat([ED25519_DER, key]), format: "der", type: "spki" }), signature),
  environment: (name) => process.env[name],
  openSpool: (directory, maxBytes) => new FileSpool(directory, maxBytes),
  atEnd(queue) {
    if (queues.size === 0) listen();
    queues.add(queue);
    return () => {
      queues.delete(queue);
      if (queues.size === 0) stopListening();
    };
  },
  unref(timer) {
    (timer as { unref?: () => void }).unref?.();
  },
};

function closeAll(): Promise<unknown> {
  return Promise.allSettled([...queues].map((queue) => queue.close()));
}

function leaveAll(): void {
  for (const queue of queues) queue.leave();
}

function listen(): void {
  process.on("beforeExit", closeAll);
  process.on("exit", leaveAll);
  for (const signal of SIGNALS) process.on(signal, signalled);
}

function stopListening(): void {
  process.off("beforeExit", closeAll);
  process.off("exit", leaveAll);
  for (const signal of SIGNALS) process.off(signal, signalled);
}

/** Send what waits; then let the signal do what it would have done without us, unless the application handles it itself. */
async function signalled(signal: NodeJS.Signals): Promise<void> {
  if (!process.listeners(signal).every((listener) => OURS in listener)) {
    await Promise.allSettled([...queues].map((queue) => queue.flush()));
    return;
  }
  await closeAll();
  stopListening();
  process.kill(process.pid, signal);
}
Object.defineProperty(signalled, OURS, { value: true });
