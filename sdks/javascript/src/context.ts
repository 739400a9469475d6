/**
 * Who acts in which session, kept for the length of a request, so that `track("document.edited", …)` anywhere in it needs no plumbing. The
 * middleware of `express.ts`, `fastify.ts` and `next.ts` fills it. Not for browsers.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { isIP } from "node:net";
import type { ImmutableClient } from "./client.js";
import type { EventQueue } from "./event-queue.js";
import type { QueuedEvent } from "./pending-event.js";
import type { Actor, Resource } from "./types.js";

/** What the application's own session or JWT says. */
export interface Identity {
  actor?: Actor;
  /** Sent as it is. Where it is a secret (a cookie, a token), give `secretSession` instead. */
  session?: string;
  /** Sent as a keyed hash only. */
  secretSession?: string;
  tenant?: string;
  onBehalfOf?: Actor;
}

export interface CaptureOptions<Request> {
  client: ImmutableClient;
  /** Where the events go; without it a queue of the client's. */
  queue?: EventQueue;
  /** Actor and session of a request, out of the application's own session or JWT. */
  identify?: (request: Request) => Identity | undefined | Promise<Identity | undefined>;
  /** The cookie whose value, hashed, is the session where `identify` gives none. */
  sessionCookie?: string;
  /** How many proxies of yours stand before the application, each adding to X-Forwarded-For. 0, the default, believes no header. */
  trustedProxies?: number;
}

/** What a framework knows of a request. */
export interface Seen {
  address?: string;
  forwardedFor?: string;
  userAgent?: string;
  cookies?: string;
  requestId?: string;
  traceparent?: string;
}

export interface Context {
  /** The builder of this request's events. */
  event: QueuedEvent;
  /** Says who acts, where that was not known when the request began (a login). */
  identify(identity: Identity): Promise<void>;
}

/** One for all copies of this module: one comes by `import`, another by `require`, a third in a bundle. */
const KEY = Symbol.for("getimmutable.context.1");
const places = globalThis as unknown as Record<symbol, AsyncLocalStorage<Context> | undefined>;
export const storage: AsyncLocalStorage<Context> = (places[KEY] ??= new AsyncLocalStorage<Context>());

/** Take an event of the request that this runs in. Never waits. Throws where no middleware is around it. */
export function track(action: string, resource?: string | Resource | null, metadata?: Record<string, unknown>): void {
  current().event.track(action, resource, metadata);
}

/** The request's context. Throws where no middleware is around this. */
export function current(): Context {
  const context = storage.getStore();
  if (context === undefined) throw new Error("No request of getimmutable's middleware is around this call");
  return context;
}

/** Makes each request's context. */
export class Capture<Request> {
  private readonly queue: EventQueue;

  constructor(private readonly options: CaptureOptions<Request>) {
    const proxies = options.trustedProxies ?? 0;
    if (!Number.isInteger(proxies) || proxies < 0) throw new TypeError("trustedProxies is a number of proxies");
    this.queue = options.queue ?? options.client.queue();
  }

  async context(request: Request, seen: Seen): Promise<Context> {
    const event = this.queue.actor("anonymous", { type: "anonymous" });
    event.ipAddress(addressOf(seen, this.options.trustedProxies ?? 0)).userAgent(seen.userAgent?.slice(0, 1024));
    event.request(seen.requestId?.slice(0, 255)).heardTrace = /^[\da-f]{2}-([\da-f]{32})-/.exec(seen.traceparent ?? "")?.[1];
    const context: Context = { event, identify: (identity) => this.fill(event, identity) };
    const identity = await this.options.identify?.(request);
    const cookie = this.options.sessionCookie && cookieOf(seen.cookies, this.options.sessionCookie);
    await this.fill(event, { ...(cookie && { secretSession: cookie }), ...identity });
    return context;
  }

  private async fill(event: QueuedEvent, { actor, session, secretSession, tenant, onBehalfOf }: Identity): Promise<void> {
    if (actor !== undefined) event.by(actor);
    if (session !== undefined) event.session(session);
    else if (secretSession) event.session(await this.options.client.hashedSession(secretSession));
    if (tenant !== undefined) event.tenant(tenant);
    if (onBehalfOf !== undefined) event.onBehalfOf(onBehalfOf);
  }
}

/** The address that the outermost trusted proxy saw; whatever stands before it in the header anybody may have written. */
function addressOf({ address, forwardedFor }: Seen, trustedProxies: number): string | undefined {
  const chain = [...(forwardedFor?.split(",").map((one) => one.trim()) ?? []), ...(address === undefined ? [] : [address])];
  // Next.js names no address of the connection: the last of the header is what the nearest proxy saw.
  const place = address === undefined ? chain.length - trustedProxies : chain.length - 1 - trustedProxies;
  const found = trustedProxies === 0 ? address : chain[Math.max(0, place)];
  const plain = found?.replace(/^::ffff:(?=\d+\.)/i, "");
  return plain !== undefined && isIP(plain) ? plain : undefined;
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  const pairs = header?.split(";").map((pair) => pair.trim()) ?? [];
  const value = pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
  try {
    return value && decodeURIComponent(value.replace(/^"(.*)"$/, "$1"));
  } catch {
    return value;
  }
}
