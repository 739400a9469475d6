export { ImmutableClient } from "./client.js";
export { ImmutableError } from "./errors.js";
export { EventQueue, type QueueSettings } from "./event-queue.js";
export { Immutable } from "./immutable.js";
export { PendingEvent, QueuedEvent } from "./pending-event.js";
export type { RetryPolicy } from "./retry.js";
export { sessionHash } from "./session-hash.js";
export type * from "./types.js";
export { VERSION } from "./version.js";
