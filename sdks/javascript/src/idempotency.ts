/** The key that lets an event be sent again without being stored twice. */
import { platform } from "#platform";
import type { EventPayload } from "./types.js";

/** A UUID of version 7 (RFC 9562 section 5.7): it begins with the time, so that the server's index stays dense. */
export function newKey(): string {
  const bytes = platform.randomBytes(16);
  let time = Date.now();
  for (let place = 5; place >= 0; place--) {
    bytes[place] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = toHex(bytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Lower-case hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A copy of the event that surely has an idempotency key: its own, or a new one. */
export function withKey(event: EventPayload): EventPayload {
  return { ...event, idempotency_key: event.idempotency_key || newKey() };
}
