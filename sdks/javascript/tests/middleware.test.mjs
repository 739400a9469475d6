// Express and Fastify, each in a real application of its own: actor, session, address and user agent come with every event.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import express from "express";
import fastify from "fastify";
import { ImmutableClient, sessionHash } from "getimmutable";
import { immutable, track, current } from "getimmutable/express";
import { immutable as plugin } from "getimmutable/fastify";
import { scriptedServer } from "./scripted-server.mjs";

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const identify = (request) => {
  const user = request.headers["x-user"];
  return user ? { actor: { id: user, name: user.toUpperCase(), type: "user" }, session: request.headers["x-session"] } : undefined;
};
// Somewhere in the application, with the request nowhere in sight, and after a wait.
const save = async (id) => {
  await pause(Number(id) % 7);
  createRequire(import.meta.url)("getimmutable/context").track("document.edited", { type: "document", id });
};

async function expressApp(options) {
  const app = express();
  app.use(immutable(options));
  app.post("/documents/:id", async (request, response) => {
    await save(request.params.id);
    response.json({});
  });
  app.post("/login", async (_request, response) => {
    await current().identify({ actor: { id: "late", type: "user" } });
    track("user.logged_in");
    response.json({});
  });
  const server = app.listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => new Promise((done) => server.close(done)) };
}

async function fastifyApp(options) {
  const app = fastify();
  await app.register(plugin, options);
  app.post("/documents/:id", async (request) => {
    await save(request.params.id);
    return {};
  });
  app.post("/login", async () => {
    await current().identify({ actor: { id: "late", type: "user" } });
    track("user.logged_in");
    return {};
  });
  return { url: await app.listen({ port: 0, host: "127.0.0.1" }), close: () => app.close() };
}

for (const [name, start] of [["Express", expressApp], ["Fastify", fastifyApp]]) {
  const withApp = async (t, options) => {
    const server = await scriptedServer();
    const client = new ImmutableClient({ apiKey: "imk_test", baseUrl: server.url });
    const queue = client.queue();
    const app = await start({ client, queue, ...options });
    t.after(async () => {
      await queue.close();
      await app.close();
      await server.close();
    });
    const post = async (path, headers = {}) => assert.equal((await fetch(app.url + path, { method: "POST", headers })).status, 200);
    const events = async () => {
      await queue.flush();
      return [...server.stored.values()];
    };
    return { post, events };
  };

  test(`${name}: events of many requests at once carry each its own actor, session, address and user agent`, async (t) => {
    const { post, events } = await withApp(t, { identify });
    const numbers = Array.from({ length: 30 }, (_, n) => String(n));
    await Promise.all(numbers.map((n) => post(`/documents/${n}`, { "x-user": `u${n}`, "x-session": `s${n}`, "user-agent": `browser ${n}` })));
    const found = (await events()).sort((one, other) => one.resource_id - other.resource_id);
    const facts = (one) => [one.actor_id, one.actor_name, one.session_id, one.resource_id, one.user_agent, one.ip_address, one.action];
    assert.deepEqual(found.map(facts), numbers.map((n) => [`u${n}`, `U${n}`, `s${n}`, n, `browser ${n}`, "127.0.0.1", "document.edited"]));
  });

  test(`${name}: a session taken from a cookie is sent as a keyed hash, and never as it is`, async (t) => {
    const { post, events } = await withApp(t, { sessionCookie: "sid" });
    await post("/documents/1", { cookie: "a=b; sid=s%3Asecret" });
    const [event] = await events();
    assert.equal(event.session_id, await sessionHash("s:secret", "imk_test"));
    assert.equal(event.actor_id, "anonymous");
    assert.ok(!JSON.stringify(event).includes("secret"));
  });

  test(`${name}: X-Forwarded-For is believed only as far as proxies are trusted`, async (t) => {
    const header = { "x-forwarded-for": "6.6.6.6, 203.0.113.7" };
    for (const [trustedProxies, address] of [[undefined, "127.0.0.1"], [1, "203.0.113.7"], [2, "6.6.6.6"]]) {
      const { post, events } = await withApp(t, { trustedProxies });
      await post("/documents/1", header);
      assert.equal((await events())[0].ip_address, address);
    }
  });

  test(`${name}: who logs in is the actor from then on`, async (t) => {
    const { post, events } = await withApp(t, {});
    await post("/login");
    assert.deepEqual((await events()).map((one) => [one.action, one.actor_id]), [["user.logged_in", "late"]]);
  });

  test(`${name}: an audit log that is away holds up no request`, async (t) => {
    const client = new ImmutableClient({ apiKey: "imk_test", baseUrl: "http://127.0.0.1:1", onGiveUp: () => {} });
    const { post } = await withApp(t, { client, queue: client.queue({ exitMs: 0 }) });
    await post("/documents/1");
    assert.deepEqual([client.stats().queued, client.stats().sent], [1, 0]);
  });
}

test("Outside of a request, track says what is missing", () => {
  assert.throws(() => track("a.b"), /middleware/);
});
