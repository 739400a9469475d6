/** Middleware for Express, and for whatever has its signature: `app.use(immutable({ client, identify }))`. */
import type { IncomingMessage } from "node:http";
import { Capture, storage, type CaptureOptions } from "./context.js";
export { current, track, type CaptureOptions, type Context, type Identity } from "./context.js";

/** Every event tracked while a request is handled carries its actor, session, address and user agent. Put it behind your session's middleware. */
export function immutable<Request extends IncomingMessage>(options: CaptureOptions<Request>) {
  const capture = new Capture(options);
  return (request: Request, _response: unknown, next: (error?: unknown) => void): void => {
    capture.context(request, seenBy(request)).then((context) => storage.run(context, next), next);
  };
}

/** What a request of Node's own server tells. */
export function seenBy({ headers, socket }: IncomingMessage) {
  const one = (name: string) => (Array.isArray(headers[name]) ? headers[name].join(", ") : headers[name]);
  return {
    address: socket.remoteAddress ?? "",
    forwardedFor: one("x-forwarded-for"),
    userAgent: one("user-agent"),
    cookies: one("cookie"),
    requestId: one("x-request-id"),
    traceparent: one("traceparent"),
  };
}
