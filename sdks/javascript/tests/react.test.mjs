// The viewer in a real React application (bundled from ESM and from CommonJS), in a real browser, against our real server.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { ImmutableClient } from "getimmutable";
import { compile } from "./compile.mjs";
import { immutableServer } from "./immutable-server.mjs";
import { installedApp, ROOT } from "./installed-app.mjs";

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const COMPONENT = [...README.matchAll(/```jsx\n(.*?)```/gs)].map(([, text]) => text).find((text) => text.includes("getimmutable/react"));
const PAGE = `import { StrictMode, useState } from "react";
  import { createRoot } from "react-dom/client";
  import { ActivityPage } from "./component.jsx";
  import { AuditLogViewer } from "getimmutable/react";
  const { token, other, server } = window.given;
  window.told = [];
  window.asked = 0;
  function Page() {
    const [count, setCount] = useState(0);
    const [shown, setShown] = useState(token);
    return <StrictMode>
      <button onClick={() => setCount(count + 1)}>Again {count}</button>
      <button onClick={() => setShown(other)}>Other</button>
      <AuditLogViewer server={server} token={shown} className="mine" texts={{ events: "Activity" }} theme="dark"
        refreshToken={async () => { window.asked += 1; return \`\${token}\`; }}
        onTokenExpired={() => window.told.push(count)} />
    </StrictMode>;
  }
  const Shown = location.hash === "#readme" ? () => <ActivityPage token={token} /> : Page;
  createRoot(document.body).render(<Shown />);`;
const CJS = `const React = require("react");
  const client = require("react-dom/client");
  const { AuditLogViewer } = require("getimmutable/react");
  const { token, server } = window.given;
  client.createRoot(document.body).render(React.createElement(AuditLogViewer, { server, token }));`;

let server, app, browser, site, origin, given;

before(async () => {
  server = await immutableServer();
  const client = new ImmutableClient({ apiKey: server.key, baseUrl: server.url });
  for (const tenant of ["acme", "other", "other"]) await client.actor(`user_${tenant}`).tenant(tenant).track("document.viewed");
  const token = async (tenantId) => (await client.createViewerToken({ tenantId })).token;
  given = { token: await token("acme"), other: await token("other"), server: server.url };
  app = installedApp({
    "component.jsx": COMPONENT.replace("https://audit.example.com", server.url),
    "esm.jsx": PAGE,
    "page.cjs": CJS,
    "cjs.jsx": `import "./page.cjs";`, // Bun does not run a bundle that begins with CommonJS
  });
  for (const name of ["react", "react-dom", "scheduler"]) symlinkSync(join(ROOT, "node_modules", name), join(app.folder, "node_modules", name));
  const bun = join(ROOT, "node_modules", ".bin", "bun");
  for (const entry of ["esm.jsx", "cjs.jsx"]) {
    execFileSync(bun, ["build", entry, "--target=browser", "--format=iife", `--outfile=${entry.split(".")[0]}.js`], { cwd: app.folder, stdio: "pipe" });
  }
  site = createServer((request, response) => {
    const name = request.url.slice(1).split("?")[0];
    const policy = [
      `default-src 'none'; script-src 'self' ${server.url}; connect-src 'self' ${server.url}; style-src 'self'; base-uri 'none'`,
      "require-trusted-types-for 'script'; trusted-types getimmutable",
    ].join("; ");
    const markup = `<!doctype html><html lang="en"><title>A page</title><script src="/given.js"></script><script src="/${name}.js" defer></script><body>`;
    const files = { "given.js": `window.given = ${JSON.stringify(given)}`, "audit-token": given.token };
    const text = files[name] ?? (name.endsWith(".js") ? readFileSync(join(app.folder, name), "utf8") : markup);
    response.setHeader("content-security-policy", policy);
    response.setHeader("content-type", name.endsWith(".js") ? "text/javascript" : "text/html").end(text);
  });
  await new Promise((done) => site.listen(0, "127.0.0.1", done));
  origin = `http://localhost:${site.address().port}`;
  const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
});
after(async () => {
  await browser?.close();
  site?.close();
  app?.discard();
  await server?.discard();
});

/** A page of the application, and what went wrong in it. */
async function opened(path) {
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (said) => said.type() === "error" && problems.push(said.text()));
  await page.goto(`${origin}/${path}`);
  return { page, problems, counted: (text) => page.getByRole("status").getByText(text, { exact: true }).waitFor() };
}

test("A React application shows the log under a strict policy, and keeps it through new renderings", { timeout: 180_000 }, async () => {
  const { page, problems, counted } = await opened("esm");
  await counted("1 of 1 event");
  assert.equal(await page.locator("audit-log-viewer.mine[theme=dark]").count(), 1);
  await page.getByRole("tab", { name: "Activity" }).waitFor();
  await page.locator(".row").click();
  await page.getByRole("button", { name: "Again 0" }).click();
  await page.getByRole("button", { name: "Again 1" }).waitFor();
  assert.equal(await page.locator(".details:visible").count(), 1);
  await page.getByRole("button", { name: "Other" }).click();
  await counted("2 of 2 events");
  assert.deepEqual([problems, await page.evaluate(() => document.querySelectorAll("script[type=module]").length)], [[], 1]);
});

test("A refused token is replaced by the callback as it is then, and the page is told", { timeout: 180_000 }, async () => {
  const { page, counted } = await opened("esm");
  await counted("1 of 1 event");
  await page.getByRole("button", { name: "Again 0" }).click();
  const again = page.waitForResponse((answer) => answer.url().includes("/api/v1/viewer/events") && answer.ok());
  await page.evaluate(() => (document.querySelector("audit-log-viewer").token = "x.y.z"));
  await again; // what was counted before may still be shown
  await counted("1 of 1 event");
  assert.equal(await page.evaluate(() => window.asked), 1);
  await page.route("**/api/v1/viewer/**", (route) => route.fulfill({ status: 401, json: {}, headers: { "access-control-allow-origin": "*" } }));
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.getByRole("alert").waitFor();
  await page.waitForFunction(() => window.told.length > 0);
  assert.deepEqual(await page.evaluate(() => window.told), [1]);
});

test("The README's component works as it stands", { timeout: 180_000 }, async () => {
  const { problems, counted } = await opened("esm#readme");
  await counted("1 von 1 Ereignis");
  assert.deepEqual(problems, []);
});

test("CommonJS has the same component", { timeout: 180_000 }, async () => {
  const { problems, counted } = await opened("cjs");
  await counted("1 of 1 event");
  assert.deepEqual(problems, []);
});

test("The properties are typed", () => {
  compile({
    "viewer.mts": [
      `import { createElement } from "react"; import { AuditLogViewer, type AuditLogViewerProps } from "getimmutable/react";`,
      `const props: AuditLogViewerProps = { server: "https://a", token: "t", refreshToken: async () => "t", theme: "dark", className: "c" };`,
      `createElement(AuditLogViewer, props);`,
      `// @ts-expect-error the server has to be named`,
      `createElement(AuditLogViewer, { token: "t" });`,
      `// @ts-expect-error there is no such theme`,
      `createElement(AuditLogViewer, { server: "https://a", theme: "blue" });`,
    ],
  });
});
