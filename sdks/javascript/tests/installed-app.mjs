// A folder in which the packed package is installed as a user would have it.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));

export function installedApp(files, folder = mkdtempSync(join(tmpdir(), "immutable-app-"))) {
  const [{ filename }] = JSON.parse(execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], { cwd: ROOT, encoding: "utf8" }));
  const place = join(folder, "node_modules", "getimmutable");
  mkdirSync(place, { recursive: true });
  execFileSync("tar", ["xzf", join(folder, filename), "-C", place, "--strip-components=1"]);
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  cpSync(join(ROOT, "tests", "scenario.mjs"), join(folder, "scenario.mjs"));
  return { folder, discard: () => rmSync(folder, { recursive: true, force: true }) };
}
