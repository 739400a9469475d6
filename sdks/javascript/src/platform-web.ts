/** The browser, and other runtimes without a disk: Web Crypto. */
import type { Platform, Spool } from "./platform.js";

export const platform: Platform = {
  userAgent: undefined, // a browser says who it is, and lets nobody else say it
  randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  async hmacSha256(key, message) {
    const encoder = new TextEncoder();
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    // Web Crypto takes no empty key; HMAC fills a key up with zeros, so one zero byte is the same key.
    const secret = await crypto.subtle.importKey("raw", key ? encoder.encode(key) : new Uint8Array(1), algorithm, false, ["sign"]);
    return new Uint8Array(await crypto.subtle.sign("HMAC", secret, encoder.encode(message)));
  },
  sha256: async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as BufferSource)),
  async verifyEd25519(key, signature, message) {
    const imported = await crypto.subtle.importKey("raw", key as BufferSource, "Ed25519", false, ["verify"]);
    return crypto.subtle.verify("Ed25519", imported, signature as BufferSource, message as BufferSource);
  },
  environment: () => undefined,
  openSpool(): Spool {
    throw new TypeError("spoolDir needs a disk: leave it out in a browser");
  },
  atEnd: () => () => {}, // a browser has a viewer token, which sends nothing
  unref() {},
};
