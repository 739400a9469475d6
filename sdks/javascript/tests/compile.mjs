// Has the TypeScript compiler look at programs that use the package; what it says is what fails the test.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./installed-app.mjs";

export function compile(programs) {
  const folder = mkdtempSync(join(ROOT, "tests", "typed-"));
  try {
    for (const [file, lines] of Object.entries(programs)) writeFileSync(join(folder, file), lines.join("\n"));
    const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
    const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--lib", "es2022,dom", "--types", "node", "--ignoreConfig"];
    const files = Object.keys(programs).map((file) => join(folder, file));
    execFileSync(process.execPath, [tsc, ...options, ...files], { cwd: ROOT, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    assert.fail(error.stdout || String(error));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
