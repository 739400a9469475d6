// The background queue: every event is acknowledged, spooled or given up, and counted; the application never waits.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ImmutableClient } from "getimmutable";
import { ROOT } from "./installed-app.mjs";
import { scriptedServer } from "./scripted-server.mjs";

/** Longer than any pause of a busy machine; what is waited for ends the waiting. */
const PATIENCE = 60_000;
const QUICK = { firstDelayMs: 5, longestDelayMs: 20 };
const event = (action, more) => ({ actor_id: "u", action, ...more });

async function withServer(t, answers = []) {
  const server = await scriptedServer(answers);
  t.after(server.close);
  const given = [];
  const connect = (more) => new ImmutableClient({ apiKey: "imk_test", baseUrl: server.url, timeout: PATIENCE, onGiveUp: (events, error) => given.push([events, error]), ...more });
  return { server, given, connect };
}

/** A client whose server is away, with a spool. */
function connectedTo(spoolDir) {
  return new ImmutableClient({ apiKey: "imk_test", baseUrl: "http://127.0.0.1:1", spoolDir });
}

function spoolFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), "immutable-spool-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("Events leave in batches, in order, each once", async (t) => {
  const { server, connect } = await withServer(t);
  const client = connect();
  const queue = client.queue({ batchSize: 10, exitMs: PATIENCE });
  for (let n = 0; n < 25; n++) queue.track(event(`a.${n}`));
  assert.equal(await queue.flush(), true);
  assert.deepEqual(server.requests.map((one) => one.body.events.length), [10, 10, 5]);
  assert.deepEqual([...server.stored.values()].map((one) => one.action), Array.from({ length: 25 }, (_, n) => `a.${n}`));
  assert.deepEqual(client.stats(), { queued: 25, sent: 25, retried: 0, givenUp: 0, spooled: 0 });
  await queue.close();
});

test("Flush waits for what was taken before it, and not for what comes after", async (t) => {
  const { connect } = await withServer(t);
  const queue = connect().queue({ exitMs: PATIENCE });
  queue.track(event("first"));
  let isOver = false;
  const more = setInterval(() => isOver || queue.track(event("later")), 1);
  assert.equal(await queue.flush(), true);
  isOver = true;
  clearInterval(more);
  await queue.close();
});

test("A server that fails gets the same batch again with the same keys, and the retry is counted", async (t) => {
  const { server, connect } = await withServer(t, [{ status: 503, body: {} }, { connection: "close" }]);
  const client = connect();
  const queue = client.queue({ retry: QUICK, exitMs: PATIENCE });
  queue.track(event("a"));
  await queue.close();
  assert.deepEqual(server.requests[0].body, server.requests[2].body);
  assert.deepEqual(client.stats(), { queued: 1, sent: 1, retried: 2, givenUp: 0, spooled: 0 });
});

test("What was still being tried when the queue had to close is told with why the last try failed", async (t) => {
  const { given, connect } = await withServer(t, [{ status: 503, body: { error: "overloaded" } }, { connection: "hang" }]);
  const client = connect();
  const queue = client.queue({ retry: QUICK, exitMs: PATIENCE });
  queue.track(event("a"));
  while (client.stats().retried === 0) await queue.flush(5);
  assert.equal(await queue.close(0), false);
  assert.match(given[0][1].message, /closed before .*; the last try failed: overloaded$/);
});

test("An event that the server refuses is told alone, and the rest is sent", async (t) => {
  const { given, server, connect } = await withServer(t);
  const client = connect();
  const queue = client.queue({ exitMs: PATIENCE });
  for (const action of ["a", "invalid", "b"]) queue.track(event(action));
  await queue.close();
  assert.deepEqual(given.map(([events, error]) => [events.map((one) => one.action), error.message]), [[["invalid"], "validation_failed"]]);
  assert.equal(server.stored.size, 2);
  assert.equal(client.stats().givenUp, 1);
});

test("A batch refused as a whole is halved until the one event that spoils it is alone", async (t) => {
  const refusal = { status: 400, body: { error: "malformed" } };
  const { given, server, connect } = await withServer(t, [refusal, refusal]);
  const queue = connect().queue({ exitMs: PATIENCE });
  for (const action of ["spoils", "a", "b"]) queue.track(event(action));
  await queue.close();
  assert.deepEqual(given.map(([events]) => events.map((one) => one.action)), [["spoils"]]);
  assert.equal(server.stored.size, 2);
});

test("Beyond its bounds in events and in bytes the queue takes nothing into memory, at once, and says so", async (t) => {
  const { given, connect } = await withServer(t, [{ connection: "hang" }]);
  const client = connect();
  const queue = client.queue({ maxEvents: 5 });
  for (let n = 0; n < 8; n++) queue.track(event("a"));
  assert.equal(queue.held, 5);
  assert.deepEqual(given.map(([, error]) => error.message), Array(3).fill("The queue is full"));
  const narrow = client.queue({ maxBytes: 2000 });
  narrow.track(event("big", { metadata: { text: "x".repeat(3000) } }));
  assert.deepEqual([narrow.held, client.stats().givenUp], [0, 4]);
  await Promise.all([queue.close(0), narrow.close(0)]);
  const { queued, sent, givenUp } = client.stats();
  assert.deepEqual([queued, sent, givenUp], [9, 0, 9]);
});

test("What cannot be delivered lies in the spool, and the next start sends it with the same keys and numbers", async (t) => {
  const folder = spoolFolder(t);
  const { server, given, connect } = await withServer(t);
  const away = connect({ baseUrl: "http://127.0.0.1:1", spoolDir: folder, producer: "web-3" });
  const queue = away.queue({ retry: { retries: 1, ...QUICK }, exitMs: PATIENCE });
  for (let n = 1; n <= 3; n++) queue.track(event(`a.${n}`));
  await queue.close();
  assert.deepEqual(away.stats(), { queued: 3, sent: 0, retried: 1, givenUp: 0, spooled: 3 });
  const [file, ...others] = readdirSync(folder);
  assert.match(file, /^\d{13}-[0-9a-z]+\.jsonl$/);
  assert.deepEqual(others, []);
  const lines = readFileSync(join(folder, file), "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
  const client = connect({ spoolDir: folder, producer: "web-3" });
  const next = client.queue({ exitMs: PATIENCE });
  next.track(event("b"));
  await next.close();
  assert.deepEqual([...server.stored.values()].slice(0, 3), lines);
  assert.deepEqual(lines.map((one) => one.producer.sequence), [1, 2, 3]);
  assert.notEqual([...server.stored.values()][3].producer.run, lines[0].producer.run);
  assert.deepEqual([readdirSync(folder), given, client.stats().sent], [[], [], 4]);
});

test("A spool beyond its bytes takes no more: the events are given up and told", async (t) => {
  const { given, connect } = await withServer(t);
  const client = connect({ baseUrl: "http://127.0.0.1:1", spoolDir: spoolFolder(t), spoolMaxBytes: 10 });
  const queue = client.queue({ retry: { retries: 0 }, exitMs: PATIENCE });
  queue.track(event("a"));
  await queue.close();
  assert.match(given[0][1].message, /spool holds its 10 bytes/);
  assert.deepEqual([client.stats().spooled, client.stats().givenUp], [0, 1]);
});

for (const [how, end, signal, code] of [
  ["its natural end", "", undefined, 0],
  ["SIGTERM, which still ends it as a signal", "setTimeout(() => {}, 1e6); console.log('ready');", "SIGTERM", null],
  ["SIGTERM, which the application handles", "process.on('SIGTERM', () => { queue.track({ actor_id: 'u', action: 'last' }); clearTimeout(t); }); const t = setTimeout(() => {}, 1e6); console.log('ready');", "SIGTERM", 0],
]) {
  test(`A process sends what waits before ${how}`, { timeout: 180_000 }, async (t) => {
    const { server } = await withServer(t);
    const program = `import { ImmutableClient } from "getimmutable";
      const queue = new ImmutableClient({ apiKey: "imk_test", baseUrl: "${server.url}" }).queue({ lingerMs: 600000, exitMs: ${PATIENCE} });
      queue.track({ actor_id: "u", action: "waiting" }); ${end}`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
    if (signal) child.stdout.once("data", () => child.kill(signal));
    const [exitCode, exitSignal] = await new Promise((done) => child.once("exit", (...how) => done(how)));
    assert.deepEqual([exitCode, exitSignal], [code, code === null ? signal : null]);
    const actions = [...server.stored.values()].map((one) => one.action);
    assert.deepEqual(actions, code === 0 && signal ? ["waiting", "last"] : ["waiting"]);
  });
}

test("A process that calls exit leaves what waits in the spool", { timeout: 180_000 }, async (t) => {
  const folder = spoolFolder(t);
  const program = `import { ImmutableClient } from "getimmutable";
    const client = new ImmutableClient({ apiKey: "imk_test", baseUrl: "http://127.0.0.1:1", spoolDir: ${JSON.stringify(folder)} });
    client.queue().track({ actor_id: "u", action: "waiting" }); process.exit(3);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { cwd: ROOT, stdio: "inherit" });
  assert.equal(await new Promise((done) => child.once("exit", done)), 3);
  assert.equal(readdirSync(folder).length, 1);
});

test("What went to the spool in one burst is sent in the order in which it was tracked", async (t) => {
  const folder = spoolFolder(t);
  const burst = connectedTo(folder).queue({ maxEvents: 2, batchSize: 2 });
  t.mock.method(Date, "now", () => 1_774_630_391_000); // all of it in one millisecond
  const actions = Array.from({ length: 40 }, (_, n) => `a.${n}`);
  for (const action of actions) burst.track(event(action));
  await burst.close(0);
  t.mock.restoreAll();
  const { server, connect } = await withServer(t);
  const next = connect({ spoolDir: folder }).queue({ exitMs: PATIENCE });
  next.track(event("new"));
  await next.close();
  assert.deepEqual([...server.stored.values()].map((one) => one.action), [...actions, "new"]);
});

test("A broken line of a spool loses nothing but itself", async (t) => {
  const folder = spoolFolder(t);
  writeFileSync(join(folder, "1700000000000-ab.jsonl"), `{"actor_id":"u","action":"whole","idempotency_key":"k"}\n{"actor_id":\n`);
  const { server, connect } = await withServer(t);
  const queue = connect({ spoolDir: folder }).queue({ exitMs: PATIENCE });
  queue.track(event("new"));
  await queue.close();
  assert.deepEqual([...server.stored.values()].map((one) => one.action), ["whole", "new"]);
});
