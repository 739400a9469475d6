// Whoever uses getimmutable 0.2.0 changes the address and the key, and nothing else. published-surface.json holds what 0.2.0 offers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as sdk from "getimmutable";
import { compile } from "./compile.mjs";

const PUBLISHED = JSON.parse(readFileSync(new URL("published-surface.json", import.meta.url), "utf8"));

test("Every published name can be imported, and every published method is there", () => {
  assert.deepEqual(PUBLISHED.exports.filter((name) => typeof sdk[name] !== "function"), []);
  const config = { apiKey: "imk_x", baseUrl: "http://127.0.0.1:1" };
  const immutable = new sdk.Immutable(config);
  const found = {
    ImmutableClient: new sdk.ImmutableClient(config),
    PendingEvent: new sdk.PendingEvent(immutable.client, { id: "u" }),
    Immutable: immutable,
    "Immutable['events']": immutable.events,
    "Immutable['alerts']": immutable.alerts,
    "Immutable['anchors']": immutable.anchors,
  };
  for (const [owner, methods] of Object.entries(PUBLISHED.methods)) {
    assert.deepEqual(Object.keys(methods).filter((name) => typeof found[owner][name] !== "function"), [], owner);
  }
  assert.ok(immutable.client instanceof sdk.ImmutableClient);
});

test("An error has what it had", () => {
  const error = new sdk.ImmutableError("overloaded", 503, { a: 1 });
  assert.deepEqual([error.name, error.message, error.statusCode, error.responseBody], ["ImmutableError", "overloaded", 503, { a: 1 }]);
});

test("Programs typed against 0.2.0 compile: parameters in their places, and the keys of every type", () => {
  const arguments_ = (list) => list.map((type, place) => (type.endsWith("?") ? `_${place}?: ${type.slice(0, -1)}` : `_${place}: ${type}`)).join(", ");
  const lines = [`import { ImmutableClient, Immutable, PendingEvent } from "getimmutable";`];
  lines.push(`import type { ${Object.keys(PUBLISHED.types).join(", ")} } from "getimmutable";`);
  for (const [owner, methods] of Object.entries(PUBLISHED.methods)) {
    for (const [name, parameters] of Object.entries(methods)) {
      lines.push(`((x: ${owner}): ((${arguments_(parameters)}) => unknown) => (...args) => (x.${name} as (...args: any[]) => unknown)(...args));`);
      lines.push(`((x: ${owner}, ...a: [${parameters.map((type) => (type.endsWith("?") ? `(${type.slice(0, -1)})?` : type)).join(", ")}]) => x.${name}(...a));`);
    }
  }
  for (const [name, keys] of Object.entries(PUBLISHED.types)) lines.push(`const _${name}: Array<keyof ${name}> = ${JSON.stringify(keys)}; void _${name};`);
  compile({ "use.mts": lines, "use.cts": lines });
});
