// Next.js in a real application, built and started: a route handler and a server action.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sessionHash } from "getimmutable";
import { answers, ended, freePort, within60Seconds } from "./immutable-server.mjs";
import { installedApp, ROOT } from "./installed-app.mjs";
import { scriptedServer } from "./scripted-server.mjs";

const FILES = {
  "next.config.mjs": `export default { serverExternalPackages: [], outputFileTracingRoot: import.meta.dirname };`,
  "app/layout.js": `export default function Layout({ children }) { return <html><body>{children}</body></html>; }`,
  "audit.js": readFileSync(new URL("../README.md", import.meta.url), "utf8").match(/```jsx\n(.*?)```/s)[1],
  "documents.js": `import { track } from "getimmutable/context";
    export async function save(id) { await new Promise((done) => setTimeout(done, 5)); track("document.edited", { type: "document", id }); }`,
  "app/api/documents/[id]/route.js": `import { audited } from "../../../../audit.js";
    import { save } from "../../../../documents.js";
    export const POST = audited(async (request, { params }) => { await save((await params).id); return Response.json({}); });`,
  "app/actions.js": `"use server";
    import { audited } from "../audit.js";
    import { save } from "../documents.js";
    export const rename = async (form) => audited(() => save(form.get("id")))();`,
  "app/page.js": `import { rename } from "./actions.js";
    export default function Page() { return <form action={rename}><input name="id" /><button>Go</button></form>; }`,
};

test("Route handlers and server actions of a built application carry actor, hashed session, address and user agent", { timeout: 600_000 }, async (t) => {
  const server = await scriptedServer();
  t.after(server.close);
  const app = installedApp(FILES, mkdtempSync(join(ROOT, "tests", "next-")));
  t.after(app.discard);
  for (const name of ["next", "react", "react-dom"]) symlinkSync(join(ROOT, "node_modules", name), join(app.folder, "node_modules", name));
  const next = join(ROOT, "node_modules", "next", "dist", "bin", "next");
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", IMMUTABLE_URL: server.url, IMMUTABLE_API_KEY: "imk_test", NODE_ENV: "production" };
  try {
    execFileSync(process.execPath, [next, "build"], { cwd: app.folder, env, stdio: "pipe", encoding: "utf8" });
  } catch (error) {
    assert.fail(`${error.stdout}\n${error.stderr}`);
  }
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const running = spawn(process.execPath, [next, "start", "-p", String(port), "-H", "127.0.0.1"], { cwd: app.folder, env, stdio: "ignore" });
  t.after(() => ended(running, "SIGKILL"));
  await answers(url, () => "next start");
  const headers = { "x-user": "u1", cookie: "sid=secret", "x-forwarded-for": "6.6.6.6, 203.0.113.7", "user-agent": "browser" };
  assert.equal((await fetch(`${url}/api/documents/7`, { method: "POST", headers })).status, 200);
  const page = await (await fetch(url)).text();
  const form = new FormData();
  for (const [, name, value] of page.matchAll(/<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?/g)) form.set(name, value ?? "");
  form.set("id", "8");
  assert.equal((await fetch(url, { method: "POST", headers: { ...headers, "x-user": "u2" }, body: form })).status, 200);
  await within60Seconds(() => assert.equal(server.stored.size, 2));
  const session = await sessionHash("secret", "imk_test");
  const facts = (one) => [one.actor_id, one.resource_id, one.session_id, one.user_agent, one.ip_address];
  const found = [...server.stored.values()].map(facts).sort(); // the two have queues of their own
  assert.deepEqual(found, [["u1", "7", session, "browser", "203.0.113.7"], ["u2", "8", session, "browser", "203.0.113.7"]]);
});
