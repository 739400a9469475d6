// The cases that all SDKs share (sdks/conformance); what a case holds is said in the README there.
import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ImmutableClient, ImmutableError, sessionHash } from "getimmutable";
import * as proofs from "getimmutable/proofs";
import { platform as nodePlatform } from "../dist/esm/platform-node.js";
import { platform as webPlatform } from "../dist/esm/platform-web.js";
import { freePort, within60Seconds } from "./immutable-server.mjs";
import { scriptedServer } from "./scripted-server.mjs";

globalThis.crypto ??= webcrypto; // what a browser has; Node 18 has it under this name alone
const FOLDER = new URL("../../conformance/", import.meta.url);
const KNOWN = ["name", "says", "options", "server", "calls", "answers", "requests", "spool", "spool_after", "stats", "given_up"];
const read = (file) => JSON.parse(readFileSync(new URL(file, FOLDER), "utf8"));

const CALLS = {
  track: (client, { event }) => client.track(event),
  track_batch: (client, { events, atomic }) => client.trackBatch(events, { atomic }),
  get_events: (client, args) => client.getEvents(args),
  iter_events: (client, args) => all(client.iterEvents(args)),
  get_event: (client, { event_id }) => client.getEvent(event_id),
  get_sessions: (client, args) => client.getSessions(args),
  get_session: (client, { session_id, ...page }) => client.getSession(session_id, page),
  get_resource_history: (client, { type, id, ...page }) => client.getResourceHistory(type, id, page),
  verify: (client, args) => client.verify(args),
  get_checkpoints: (client, args) => client.getCheckpoints(args),
  iter_checkpoints: (client, args) => all(client.iterCheckpoints(args)),
  get_checkpoint: (client, { size }) => client.getCheckpoint(size),
  get_inclusion_proof: (client, { event_id, size }) => client.getInclusionProof(event_id, size),
  get_consistency_proof: (client, { from_size, to_size }) => client.getConsistencyProof(from_size, to_size),
  get_signing_keys: (client) => client.getSigningKeys(),
  get_session_evidence: (client, { session_id, ...options }) => bytesOf(client.getSessionEvidence(session_id, options)),
  get_resource_evidence: (client, { type, id, ...options }) => bytesOf(client.getResourceEvidence(type, id, options)),
  get_evidence: (client, filters) => bytesOf(client.getEvidence(filters)),
  create_share_link: (client, { session_id: sessionId, ...more }) => client.createShareLink({ sessionId, ...more }),
  get_share_links: (client, args) => client.getShareLinks(args),
  iter_share_links: (client, args) => all(client.iterShareLinks(args)),
  revoke_share_link: (client, { link_id, reason }) => client.revokeShareLink(link_id, reason),
  create_viewer_token: (client, { tenant_id, actor_id, session_id, ttl }) =>
    client.createViewerToken({ tenantId: tenant_id, actorId: actor_id, sessionId: session_id, ttl }),
  get_alerts: (client, args) => client.getAlerts(args),
  create_export: (client, args) => client.createExport(args),
  get_export: (client, { export_id }) => client.getExport(export_id),
  get_anchors: (client, { limit }) => client.getAnchors(limit),
  get_anchor: (client, { anchor_id }) => client.getAnchor(anchor_id),
  verify_anchor: (client, { anchor_id }) => client.verifyAnchor(anchor_id),
  session_hash: (client, { session_id }) => client.hashedSession(session_id),
  track_in_background: (client, { events }, queue) => {
    for (const event of events) queue.track(event);
    return queue.flush(60_000);
  },
  builder: (client, { steps }) => build(client, steps),
};

async function bytesOf(answering) {
  return Buffer.from(await (await answering).arrayBuffer()).toString();
}

async function all(items) {
  const list = [];
  for await (const item of items) list.push(item);
  return list;
}

async function build(client, steps) {
  let builder, result;
  for (const step of steps) {
    const [[name, value]] = Object.entries(step);
    if (name === "actor") builder = client.actor(value.id, { name: value.name, type: value.type });
    else if (name === "track") result = await builder.track(value.action, value.resource, value.metadata);
    else if (name === "target") builder.target(value.type, value.id, value.name, value.metadata);
    else builder[name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase())](value);
  }
  return result;
}

/** Where `got` is not what `wanted` says. */
function differences(wanted, got, isExact = false, where = "$") {
  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  if (isObject(wanted) && "$any" in wanted) {
    const fits = wanted.$any === "integer" ? Number.isInteger(got) : typeof got === wanted.$any && got !== "";
    return fits ? [] : [`${where}: ${JSON.stringify(got)} is no ${wanted.$any}`];
  }
  if (isObject(wanted) && "$in" in wanted) return wanted.$in.includes(got) ? [] : [`${where}: ${got} is not one of ${wanted.$in}`];
  if (isObject(wanted) && isObject(got)) {
    const more = isExact ? Object.keys(got).filter((name) => !(name in wanted) && got[name] !== null) : [];
    const parts = Object.entries(wanted).flatMap(([name, part]) => differences(part, got[name] ?? null, isExact, `${where}.${name}`));
    return [...more.map((name) => `${where}.${name} is too much`), ...parts];
  }
  if (Array.isArray(wanted) && Array.isArray(got) && wanted.length === got.length) {
    return wanted.flatMap((part, place) => differences(part, got[place], isExact, `${where}[${place}]`));
  }
  return wanted === got ? [] : [`${where}: ${JSON.stringify(got)} is not ${JSON.stringify(wanted)}`];
}

async function perform(client, call, queue) {
  if (!("error" in call)) {
    const result = await run(client, call, queue);
    if ("returns" in call) assert.deepEqual(differences(call.returns, result), []);
    return;
  }
  const { kind, status, text, message, errors, retry_after } = call.error;
  const error = await run(client, call).then(() => assert.fail("nothing was thrown"), (caught) => caught);
  assert.ok(error instanceof (kind === "argument" ? TypeError : ImmutableError), String(error));
  if (status !== undefined) assert.equal(error.statusCode, status);
  if (text !== undefined) assert.equal(error.message, text);
  if (message !== undefined) assert.equal(error.detail, message);
  if (errors !== undefined) assert.deepEqual(error.errors, errors);
  if (retry_after !== undefined) assert.equal(error.retryAfter, retry_after);
}

async function run(client, call, queue) {
  return CALLS[call.call](client, call.args ?? { steps: call.steps }, queue);
}

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".json"))) {
  for (const one of read(file).cases ?? []) {
    test(`${file} ${one.name}: ${one.says}`, async () => {
      assert.deepEqual(Object.keys(one).filter((key) => !KNOWN.includes(key)), []);
      const server = await scriptedServer(one.answers);
      const folder = mkdtempSync(join(tmpdir(), "immutable-case-"));
      const given = [];
      let queue;
      try {
        for (const [name, events] of Object.entries(one.spool ?? {})) {
          writeFileSync(join(folder, name), events.map((event) => `${JSON.stringify(event)}\n`).join(""));
        }
        const { retries = 3, timeout_ms, base_url_suffix = "", producer, session_secret, spool, spool_max_bytes } = one.options ?? {};
        const retry = { retries, firstDelayMs: 10, longestDelayMs: 50, totalMs: 120_000 };
        const client = new ImmutableClient({
          apiKey: "imk_conformance",
          baseUrl: (one.server === "down" ? `http://127.0.0.1:${await freePort()}` : server.url) + base_url_suffix,
          timeout: timeout_ms ?? 60_000,
          retry,
          producer,
          sessionSecret: session_secret,
          ...(spool && { spoolDir: folder, spoolMaxBytes: spool_max_bytes }),
          onGiveUp: (events) => given.push(...events),
        });
        // The case's time is for the try that hangs; all others have a minute.
        const timeoutMs = { get: () => (server.script[0]?.connection === "hang" ? timeout_ms : 60_000) };
        Object.defineProperty(client.transport.destination, "timeoutMs", timeoutMs);
        if (spool || one.calls.some(({ call }) => call === "track_in_background")) queue = client.queue({ retry });
        for (const call of one.calls) await perform(client, call, queue);
        await within60Seconds(() => {
          assert.equal(server.requests.length, one.requests.length);
          const { givenUp, ...counted } = client.stats();
          assert.deepEqual(differences(one.stats ?? {}, { ...counted, given_up: givenUp }), []);
          const lines = (name) => readFileSync(join(folder, name), "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
          if (one.spool_after) assert.deepEqual(differences(one.spool_after, readdirSync(folder).sort().map(lines)), []);
          if (one.given_up) assert.deepEqual(differences(one.given_up, given), []);
        });
        one.requests.forEach((wanted, place) => check(wanted, server.requests[place], server.requests, place));
      } finally {
        await queue?.close(0);
        await server.close();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
}

test("A pack that comes in part only is not taken for a whole one", async () => {
  const server = await scriptedServer([{ connection: "break" }]);
  try {
    const client = new ImmutableClient({ apiKey: "imk_conformance", baseUrl: server.url });
    await assert.rejects(bytesOf(client.getSessionEvidence("s1")));
    assert.equal(server.requests.length, 1);
  } finally {
    await server.close();
  }
});

function check(wanted, got, requests, place) {
  assert.deepEqual([got.method, got.path, got.query], [wanted.method, wanted.path, wanted.query ?? {}]);
  for (const [name, value] of Object.entries(wanted.headers ?? {})) assert.equal(got.headers[name], value);
  if ("body" in wanted) assert.deepEqual(differences(wanted.body, got.body, wanted.exact), []);
  if ("same_body_as" in wanted) assert.deepEqual(got.body, requests[wanted.same_body_as - 1].body);
  if ("other_keys_than" in wanted) assert.notEqual(got.body.idempotency_key, requests[wanted.other_keys_than - 1].body.idempotency_key);
  // Timers may fire up to a millisecond early.
  if ("at_least_ms_later" in wanted) assert.ok(got.at - requests[place - 1].at >= wanted.at_least_ms_later - 5);
}

for (const { id, secret, hash } of read("session-hash.json").vectors) {
  test(`The hash of session ${JSON.stringify(id.slice(0, 20))} is the same in all languages, and in a browser`, async () => {
    assert.equal(await sessionHash(id, secret), hash);
    const bytes = await webPlatform.hmacSha256(secret, `immutable:session:v1\n${id}`);
    assert.equal(`sh_${Buffer.from(bytes).toString("hex").slice(0, 32)}`, hash);
  });
}

const PROOFS = {
  leaf: async ({ data, hash }) => assert.equal(await proofs.leafHash(data), hash),
  node: async ({ left, right, hash }) => assert.equal(await proofs.nodeHash(left, right), hash),
  inclusion: ({ event_hash, checkpoint, ...answer }) => proofs.checkInclusion(answer, event_hash, checkpoint),
  consistency: ({ old, new: later, ...answer }) => proofs.checkConsistency(answer, old, later),
  checkpoint: async ({ note, key, checkpoint }) => assert.deepEqual(await proofs.verifyCheckpoint(note, key), checkpoint),
};

for (const one of read("proofs.json").vectors) {
  test(`proofs.json ${one.name}: ${one.says}`, async () => {
    const checked = PROOFS[one.check](one);
    await (one.refused ? assert.rejects(checked, proofs.ProofError) : checked);
  });
}

test("A browser's crypto gives what Node's gives", async () => {
  const { key, note } = read("proofs.json").vectors.find(({ name }) => name === "server-checkpoint");
  const bytes = Buffer.from(key.split("+").slice(2).join("+"), "base64").subarray(1);
  const [text, line] = note.split("\n\n");
  const signature = Buffer.from(line.trim().split(" ").at(-1), "base64").subarray(4);
  for (const [platform, message, isSigned] of [webPlatform, nodePlatform].flatMap((one) => [[one, `${text}\n`, true], [one, text, false]])) {
    assert.equal(await platform.verifyEd25519(bytes, signature, Buffer.from(message)), isSigned);
    assert.deepEqual(await platform.sha256(Buffer.from("abc")), await nodePlatform.sha256(Buffer.from("abc")));
  }
});
