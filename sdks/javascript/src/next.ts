/** Wrapper for Next.js: `const audited = immutable({ client, headers, identify })`, then `export const POST = audited(handler)`. */
import { Capture, storage, type CaptureOptions } from "./context.js";
export { current, track, type CaptureOptions, type Context, type Identity } from "./context.js";

/** `headers` of "next/headers". */
type ReadHeaders = () => Headers | Promise<Headers> | { get(name: string): string | null } | Promise<{ get(name: string): string | null }>;

export interface NextOptions extends CaptureOptions<{ get(name: string): string | null }> {
  /** `headers` of "next/headers": `identify` is given what it returns. */
  headers: ReadHeaders;
}

/**
 * Wraps route handlers and server actions alike: every event tracked inside carries the request's actor, session, address and user agent.
 * Next.js does not tell the address of the connection, so there is one only with `trustedProxies`.
 */
export function immutable(options: NextOptions) {
  const capture = new Capture<{ get(name: string): string | null }>(options);
  return <Arguments extends unknown[], Result>(handler: (...given: Arguments) => Result | Promise<Result>) =>
    async (...given: Arguments): Promise<Result> => {
      const headers = await options.headers();
      const one = (name: string) => headers.get(name) ?? undefined;
      const seen = {
        forwardedFor: one("x-forwarded-for"),
        userAgent: one("user-agent"),
        cookies: one("cookie"),
        requestId: one("x-request-id"),
        traceparent: one("traceparent"),
      };
      const context = await capture.context(headers, seen);
      return storage.run(context, () => handler(...given));
    };
}
