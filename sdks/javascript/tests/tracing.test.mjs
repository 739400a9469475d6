// With the real OpenTelemetry: an event belongs to the trace that is active where it is tracked.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import express from "express";
import { ImmutableClient } from "getimmutable";
import { immutable, track } from "getimmutable/express";
import { scriptedServer } from "./scripted-server.mjs";

const HEARD = "4bf92f3577b34da6a3ce929d0e0e4736";
const tracer = new BasicTracerProvider().getTracer("test");
const inSpan = (run) => tracer.startActiveSpan("work", async (span) => [span.spanContext().traceId, await run()]);
let server, client;

before(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  server = await scriptedServer();
  client = new ImmutableClient({ apiKey: "imk_test", baseUrl: server.url });
});
after(() => server.close());

const traceOf = (action) => [...server.stored.values()].find((event) => event.action === action).trace_id;

test("The builder takes the active span's trace, what is said wins, and without a span there is none", async () => {
  const [active] = await inSpan(async () => {
    await new Promise((done) => setTimeout(done, 1));
    await client.actor("u").track("in.span");
    await client.actor("u").trace(HEARD).track("said");
  });
  await client.actor("u").track("outside");
  assert.match(active, /^[\da-f]{32}$/);
  assert.deepEqual(["in.span", "said", "outside"].map(traceOf), [active, HEARD, undefined]);
});

test("In CommonJS it is the same trace", async () => {
  const commonjs = new (createRequire(import.meta.url)("getimmutable").ImmutableClient)({ apiKey: "imk_test", baseUrl: server.url });
  const [active] = await inSpan(() => commonjs.actor("u").track("by.require"));
  assert.equal(traceOf("by.require"), active);
});

test("In a request the active span counts, and without one the traceparent header", async (t) => {
  const queue = client.queue();
  const app = express();
  app.use(immutable({ client, queue }));
  let active;
  app.post("/span", async (_request, response) => {
    [active] = await inSpan(async () => track("request.span"));
    response.json({});
  });
  app.post("/plain", (_request, response) => {
    track("request.plain");
    response.json({});
  });
  const listening = app.listen(0, "127.0.0.1");
  await new Promise((done) => listening.once("listening", done));
  t.after(() => listening.close());
  for (const path of ["span", "plain"]) {
    const url = `http://127.0.0.1:${listening.address().port}/${path}`;
    await fetch(url, { method: "POST", headers: { traceparent: `00-${HEARD}-00f067aa0ba902b7-01` } });
  }
  await queue.close();
  assert.deepEqual([traceOf("request.span"), traceOf("request.plain")], [active, HEARD]);
});
