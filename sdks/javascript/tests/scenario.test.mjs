// Ticket #4821 against our real server, with the package as it is packed, on every module system.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { ImmutableClient } from "getimmutable";
import { program } from "./api-types.mjs";
import { compile } from "./compile.mjs";
import { immutableServer } from "./immutable-server.mjs";
import { installedApp, ROOT } from "./installed-app.mjs";

const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const bin = (name) => join(ROOT, "node_modules", ".bin", name);
const run = (command, args, cwd) => promisify(execFile)(command, args, { cwd, env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" } });
const ARGS = "const [url, key, name] = globalThis.Deno?.args ?? process.argv.slice(2);";
const PRINT = "ticket4821(sdk, url, key, name).then((found) => console.log(JSON.stringify(found)));";
let server, app;

before(async () => {
  server = await immutableServer();
  app = installedApp({
    "esm.mjs": `import * as sdk from "getimmutable"; import { ticket4821 } from "./scenario.mjs"; ${ARGS} ${PRINT}`,
    "cjs.cjs": `const sdk = require("getimmutable"); ${ARGS} import("./scenario.mjs").then(({ ticket4821 }) => ${PRINT.replace(/;$/, "")});`,
  });
});
after(async () => {
  await server?.discard();
  app?.discard();
});

function check(found, name) {
  assert.deepEqual(found.sessions.sort(), [`sess_7e4b9f2a_${name}`, `sess_a8f3c2d1_${name}`]);
  const steps = ["document.viewed", "document.edited", "folder.viewed", "document.moved_to_trash", "trash.emptied", "search.performed"];
  assert.deepEqual(found.story, steps);
  assert.equal(found.pages, 7);
  assert.deepEqual(found.destructive, [
    ["document.moved_to_trash", "2026-03-27T16:53:11.000000Z", "Q3 Budget Report", "198.51.100.7", { location: "Finance Team" }],
    ["trash.emptied", "2026-03-27T16:53:18.000000Z", null, "198.51.100.7", { items: 1 }],
  ]);
  assert.equal(found.history, 5);
  assert.equal(found.valid, true);
  assert.deepEqual(found.hidden, ["ImmutableError", 404, "not_found"]);
  assert.deepEqual(found.stats, { queued: 9, sent: 9, retried: 0, givenUp: 0, spooled: 0 });
  assert.equal(found.hash, "sh_ec5ffa49e4122182572dad4650d70bb7");
}

for (const [name, command, args] of [
  ["esm", process.execPath, ["esm.mjs"]],
  ["cjs", process.execPath, ["cjs.cjs"]],
  ["deno", bin("deno"), ["run", "--quiet", "--no-lock", "--allow-net=127.0.0.1", "--allow-env", "--allow-read", "--allow-sys", "esm.mjs"]],
  ["bun", bin("bun"), ["run", "esm.mjs"]],
]) {
  test(`The whole of ticket #4821 works with ${name}`, { timeout: 180_000 }, async () => {
    const { stdout } = await run(command, [...args, server.url, server.key, name], app.folder);
    check(JSON.parse(stdout), name);
  });
}

test("Our types are what the server's own document says", async () => {
  const document = await (await fetch(`${server.url}/api/v1/openapi.json`)).json();
  compile({ "api.mts": program(document) });
});

/** A page of another origin than our server's, in a real browser, with the package as it is packed; and what it loaded. */
async function browserPage(t) {
  const root = join(app.folder, "node_modules/getimmutable/dist/esm");
  const imports = { getimmutable: "/sdk/index.js", "getimmutable/proofs": "/sdk/proofs.js", "#platform": "/sdk/platform-web.js" };
  const loaded = [];
  const site = createServer(async (request, response) => {
    const path = request.url.split("?")[0];
    loaded.push(path);
    if (path.startsWith("/api/")) return void forward(request, response);
    const file = path.startsWith("/sdk/") ? join(root, path.slice(5)) : path === "/scenario.mjs" ? join(app.folder, path) : undefined;
    response.setHeader("content-type", file ? "text/javascript" : "text/html");
    response.end(file ? readFileSync(file) : `<!doctype html><script type="importmap">${JSON.stringify({ imports })}</script>`);
  });
  await new Promise((done) => site.listen(0, "127.0.0.1", done));
  const origin = `http://127.0.0.1:${site.address().port}`;
  const browser = await chromium.launch({ executablePath: BROWSERS.find(existsSync), args: ["--no-sandbox"] });
  t.after(async () => {
    await browser.close();
    site.close();
  });
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(origin);
  return { page, origin, loaded };
}

test("The whole of ticket #4821 works in a browser, where nothing of Node is loaded", { timeout: 180_000 }, async (t) => {
  const { page, origin, loaded } = await browserPage(t);
  const found = await page.evaluate(
    async ([url, key]) => {
      const [sdk, { ticket4821 }] = await Promise.all([import("getimmutable"), import("/scenario.mjs")]);
      return ticket4821(sdk, url, key, "browser");
    },
    [origin, server.key],
  );
  check(found, "browser");
  assert.ok(loaded.includes("/sdk/platform-web.js"));
  assert.ok(!loaded.some((path) => /platform-node|spool/.test(path)));
});

test("A browser of another origin reads what its viewer token covers, and nothing else", { timeout: 180_000 }, async (t) => {
  const client = new ImmutableClient({ apiKey: server.newKey("viewers"), baseUrl: server.url });
  for (const tenant of ["acme", "other"]) await client.actor(`user_${tenant}`).tenant(tenant).session(`sess_${tenant}`).track("document.viewed");
  const { token } = await client.createViewerToken({ tenantId: "acme" });
  const { page } = await browserPage(t);
  const found = await page.evaluate(
    async ([baseUrl, apiKey]) => {
      const { ImmutableClient } = await import("getimmutable");
      const viewer = new ImmutableClient({ apiKey, baseUrl });
      const status = (asked) => asked.then(() => "read", (error) => error.statusCode);
      const events = [];
      for await (const event of viewer.iterEvents({ limit: 1 })) events.push(event.actor_id);
      return {
        events,
        sessions: (await viewer.getSessions()).data.map((one) => one.session_id),
        steps: (await viewer.getSession("sess_acme")).data.timeline.map((step) => step.action),
        others: await status(viewer.getSession("sess_other")),
        wrong: await status(new ImmutableClient({ apiKey: `${apiKey}x`, baseUrl }).getEvents()),
        document: location.origin === baseUrl,
      };
    },
    [server.url, token],
  );
  assert.deepEqual(found, { events: ["user_acme"], sessions: ["sess_acme"], steps: ["document.viewed"], others: 404, wrong: 401, document: false });
  const elsewhere = new ImmutableClient({ apiKey: token, baseUrl: server.url });
  await assert.rejects(elsewhere.track({ actor_id: "u", action: "a" }), { statusCode: 401 });
});

test("A browser checks proofs by itself", { timeout: 180_000 }, async (t) => {
  const { vectors } = JSON.parse(readFileSync(new URL("../../conformance/proofs.json", import.meta.url), "utf8"));
  const signed = vectors.filter(({ check }) => check === "checkpoint");
  const { page } = await browserPage(t);
  const holds = await page.evaluate(async (signed) => {
    const { verifyCheckpoint, ProofError } = await import("getimmutable/proofs");
    const holds = ({ note, key }) => verifyCheckpoint(note, key).then(() => true, (error) => (error instanceof ProofError ? false : String(error)));
    return Promise.all(signed.map(holds));
  }, signed);
  assert.deepEqual(holds, signed.map(({ refused }) => !refused));
});

/** The API under the page's own address, as the application's own proxy would have it. */
async function forward(request, response) {
  let body = "";
  for await (const part of request) body += part;
  const { authorization, "content-type": type } = request.headers;
  const headers = { authorization, ...(type && { "content-type": type }) };
  const answer = await fetch(server.url + request.url, { method: request.method, headers, body: body || undefined });
  response.writeHead(answer.status, { "content-type": "application/json" });
  response.end(await answer.text());
}
