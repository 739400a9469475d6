/**
 * The trace that OpenTelemetry has active here. Nothing is imported for it: whoever has a span has loaded `@opentelemetry/api`, and all copies
 * of that, of whatever 1.x version and module system, meet at one place under the global object, which is where it is looked for.
 */
const API = Symbol.for("opentelemetry.js.api.1");
const SPAN = Symbol.for("OpenTelemetry Context Key SPAN");

interface Api {
  context?: { active(): { getValue(key: symbol): { spanContext(): { traceId: string } } | undefined } };
}

/** The active span's trace id as W3C writes it, 32 hexadecimal digits; undefined without one. */
export function activeTrace(): string | undefined {
  const api = (globalThis as unknown as Record<symbol, Api | undefined>)[API];
  const id = api?.context?.active().getValue(SPAN)?.spanContext().traceId;
  return id !== undefined && /^(?!0+$)[\da-f]{32}$/.test(id) ? id : undefined;
}
