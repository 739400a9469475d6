// The server is stopped under load and started again: nothing acknowledged is lost, nothing is there twice, memory stays bounded and the
// application never waits. IMMUTABLE_OUTAGE_SECONDS is how long it is away (60 for the real thing), at least until some events are spooled.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ImmutableClient } from "getimmutable";
import { immutableServer, within60Seconds } from "./immutable-server.mjs";

const SECONDS = Number(process.env.IMMUTABLE_OUTAGE_SECONDS ?? 1);
const TIMEOUT = 20_000;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

test("A server that is away for a while costs no event and no waiting", { timeout: 400_000 + SECONDS * 2000 }, async (t) => {
  const server = await immutableServer();
  t.after(server.discard);
  const given = [];
  const retry = { firstDelayMs: 50, longestDelayMs: 500, retries: 3, totalMs: 3000 };
  const config = { apiKey: server.key, baseUrl: server.url, timeout: TIMEOUT, producer: "web-1", onGiveUp: (events) => given.push(...events) };
  const client = new ImmutableClient(config);
  const settings = { maxEvents: 2000, retry: { ...retry, retries: Infinity, totalMs: 300_000 } };
  const queue = client.queue(settings);
  const spoolDir = mkdtempSync(join(tmpdir(), "immutable-outage-"));
  t.after(() => rmSync(spoolDir, { recursive: true }));
  const keeping = new ImmutableClient({ ...config, producer: "web-2", spoolDir });
  const kept = keeping.queue({ ...settings, maxEvents: 500 });
  const direct = new ImmutableClient({ ...config, producer: undefined, retry });
  const acknowledged = [];
  const refused = [];
  const calls = [];
  let taken = 0, mostHeld = 0, longestCall = 0, isOver = false;
  const load = setInterval(() => {
    for (let n = 0; n < 5; n++) {
      const began = performance.now();
      queue.track({ actor_id: "u", action: "queued.event", metadata: { number: taken } });
      kept.track({ actor_id: "u", action: "kept.event", metadata: { number: taken++ } });
      longestCall = Math.max(longestCall, performance.now() - began);
    }
    mostHeld = Math.max(mostHeld, queue.held, kept.held);
    const number = calls.length;
    if (number < 400) {
      const sending = direct.track({ actor_id: "u", action: "direct.event", metadata: { number } });
      calls.push(sending.then(() => acknowledged.push(number), () => refused.push(number)));
    }
  }, 10);
  const sent = (count) => within60Seconds(() => assert.ok(client.stats().sent >= count && acknowledged.length > 0));
  await sent(50);
  await server.stop();
  await pause(SECONDS * 1000);
  await within60Seconds(() => assert.ok(keeping.stats().spooled > 0 && client.stats().retried > 0));
  await server.start();
  await sent(client.stats().sent + 50);
  isOver = true;
  clearInterval(load);
  await Promise.all(calls);
  assert.ok(isOver && (await queue.flush(60_000)));
  await queue.close();
  const spooled = keeping.stats().spooled;
  const next = keeping.queue(); // as the next start has it
  await within60Seconds(() => assert.deepEqual(readdirSync(spoolDir), []));
  assert.ok(await kept.flush(60_000));
  await Promise.all([kept.close(), next.close()]);
  const reader = new ImmutableClient({ apiKey: server.key, baseUrl: server.url, timeout: 60_000 });

  const stored = { "queued.event": [], "kept.event": [], "direct.event": [] };
  for await (const event of reader.iterEvents()) stored[event.action].push(event.metadata.number);
  for (const [action, numbers] of Object.entries(stored)) assert.equal(new Set(numbers).size, numbers.length, `${action} twice`);
  const isStored = new Set(stored["direct.event"]);
  assert.deepEqual(acknowledged.filter((number) => !isStored.has(number)), []);
  const lost = new Set(given.map((event) => event.metadata.number));
  assert.equal(stored["queued.event"].length + lost.size, taken, "each event is stored or was given up");
  assert.equal(stored["kept.event"].length, taken, "with a spool, each event is stored");
  assert.deepEqual([spooled > 0, keeping.stats().givenUp], [true, 0]);
  assert.equal(client.stats().sent, stored["queued.event"].length);
  assert.equal(client.stats().givenUp, lost.size);
  assert.ok(mostHeld <= 2000);
  assert.equal((await reader.verify()).data.valid, true);
  t.diagnostic(`taken ${taken}, given up ${lost.size}, spooled ${spooled}, most held ${mostHeld}, longest call of the queue ${longestCall.toFixed(1)} ms; direct: ${acknowledged.length} acknowledged, ${refused.length} refused`);
});
