// Our real server, on SQLite in a folder of its own; can be stopped and started again on the same port and log.
import { execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const COMMAND = fileURLToPath(new URL("../../../.venv/bin/immutable", import.meta.url));

/** A port below those that the system gives to whoever asks for any, so that nobody takes it before, or between two starts of, its server. */
export async function freePort() {
  for (;;) {
    const port = randomInt(15_000, 32_000);
    const probe = createServer();
    const isFree = await new Promise((done) => probe.once("error", () => done(false)).listen(port, "127.0.0.1", () => done(true)));
    if (!isFree) continue;
    await new Promise((done) => probe.close(done));
    return port;
  }
}

/** Wait until a check passes; fails as it does, where it does not within a minute. */
export async function within60Seconds(check) {
  for (const end = Date.now() + 60_000; ; await new Promise((done) => setTimeout(done, 20))) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

export async function immutableServer() {
  const folder = mkdtempSync(join(tmpdir(), "immutable-js-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const database = `sqlite:///${folder}/immutable.db`;
  const env = { ...process.env, IMMUTABLE_DATABASE_URL: database, IMMUTABLE_HOST: "127.0.0.1", IMMUTABLE_PORT: String(port) };
  let child;
  const newKey = (workspace) => execFileSync(COMMAND, ["keys", "create", "--workspace", workspace], { env, encoding: "utf8" }).trim();
  const start = async () => {
    const log = openSync(join(folder, "server.log"), "a");
    child = spawn(COMMAND, ["serve"], { env, cwd: folder, stdio: ["ignore", log, log] });
    await answers(url, () => readFileSync(join(folder, "server.log"), "utf8"), "/readyz");
  };
  const stop = () => ended(child);
  await start();
  const discard = async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, key: newKey("javascript"), newKey, start, stop, discard };
}

/** Wait until something answers at this address. */
export async function answers(url, log, path = "/") {
  for (let tries = 0; tries < 2400; tries++) {
    if (await fetch(url + path).then((answer) => answer.ok, () => false)) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`nothing answers at ${url}: ${log()}`);
}

/** End a process, and wait for its end. */
export async function ended(child, signal = "SIGTERM") {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = new Promise((done) => child.once("exit", done));
  child.kill(signal);
  await end;
}
