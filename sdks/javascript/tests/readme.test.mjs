// The README's examples run, in their order, as they stand, against our real server.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { ImmutableClient } from "getimmutable";
import { immutableServer } from "./immutable-server.mjs";
import { ROOT } from "./installed-app.mjs";

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const REPOSITORY = join(ROOT, "..", "..");
const verify = (args) =>
  promisify(execFile)(join(REPOSITORY, ".venv/bin/python"), ["-m", "immutable_verify", ...args], { env: { ...process.env, PYTHONPATH: join(REPOSITORY, "verifier/src") } });
const examples = (language) => [...README.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "gs"))].map(([, text]) => text);

test("The examples run, and print what they should", { timeout: 240_000 }, async (t) => {
  const server = await immutableServer();
  t.after(server.discard);
  const all = examples("js");
  assert.equal(all.length, 11);
  const folder = mkdtempSync(join(tmpdir(), "immutable-readme-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const env = { ...process.env, IMMUTABLE_URL: server.url, IMMUTABLE_API_KEY: server.key };
  const program = [`process.chdir(${JSON.stringify(folder)});`, ...all].join("\n"); // what it imports was found before
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], { cwd: ROOT, env });
  assert.match(stdout, /^! \d\d:\d\d:\d\d document\.moved_to_trash Q3 Budget Report$/m);
  assert.match(stdout, /^true$/m);
  assert.match(stdout, /^true not_found 404 There is no event of this id in this workspace\.$/m);
  assert.match(stdout, /queued: 7, sent: 7/);
  assert.match(stdout, /^\d+ events are signed, and nothing that was signed before has changed$/m);
  const [key] = (await new ImmutableClient({ apiKey: server.key, baseUrl: server.url }).getSigningKeys()).data;
  const { stdout: verdict } = await verify(["pack", join(folder, "case.zip"), "--key", key.verifier_key]);
  assert.match(verdict, /^VERIFIES\n/);
});

test("Every public method is in the README", () => {
  const names = Object.getOwnPropertyNames(ImmutableClient.prototype).filter((name) => !["constructor", "send"].includes(name));
  assert.deepEqual(names.filter((name) => !README.includes(name)), []);
});
