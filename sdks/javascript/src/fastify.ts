/** Plugin for Fastify: `app.register(immutable, { client, identify })`. */
import type { IncomingMessage } from "node:http";
import { Capture, storage, type CaptureOptions } from "./context.js";
import { seenBy } from "./express.js";
export { current, track, type CaptureOptions, type Context, type Identity } from "./context.js";

interface FastifyRequest {
  raw: IncomingMessage;
  id: unknown;
}

interface Fastify {
  addHook(name: "preHandler", hook: (request: any, reply: any, done: (error?: Error) => void) => void): unknown;
}

/** Every event tracked while a request is handled carries its actor, session, address and user agent. */
export async function immutable<Request>(app: Fastify, options: CaptureOptions<Request>): Promise<void> {
  const capture = new Capture(options);
  // With `done` and not a promise: what runs inside of `done` is what has the context.
  app.addHook("preHandler", (request: Request & FastifyRequest, _reply, done) => {
    const seen = seenBy(request.raw);
    capture.context(request, { ...seen, requestId: seen.requestId ?? String(request.id) }).then((context) => storage.run(context, done), done);
  });
}
// Fastify keeps a plugin's hooks to the plugin itself unless it says that they are for the whole application.
Object.defineProperty(immutable, Symbol.for("skip-override"), { value: true });
