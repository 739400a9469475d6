// Whoever uses getimmutable 0.2.0 changes the address and the key, and nothing else. published-surface.json holds what 0.2.0 offers.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as sdk from "getimmutable";
import { ROOT } from "./installed-app.mjs";

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
  const folder = mkdtempSync(join(ROOT, "tests", "typed-"));
  try {
    for (const file of ["use.mts", "use.cts"]) writeFileSync(join(folder, file), lines.join("\n"));
    const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
    const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--lib", "es2022,dom", "--types", "node"];
    execFileSync(process.execPath, [tsc, ...options, "--ignoreConfig", join(folder, "use.mts"), join(folder, "use.cts")], { cwd: ROOT, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    assert.fail(error.stdout || String(error));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
