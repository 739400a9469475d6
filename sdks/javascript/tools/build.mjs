// Compiles src twice: dist/esm for `import`, dist/cjs for `require`, each with its types.
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
rmSync(`${root}/dist`, { recursive: true, force: true });
for (const more of [[], ["--module", "commonjs", "--outDir", "dist/cjs"]]) {
  execFileSync(process.execPath, [tsc, "-p", ".", ...more], { cwd: root, stdio: "inherit" });
}
// Each half is a scope of its own, and says itself what its `#platform` is.
const imports = { "#platform": { node: "./platform-node.js", default: "./platform-web.js" } };
for (const [folder, type] of Object.entries({ esm: "module", cjs: "commonjs" })) {
  writeFileSync(`${root}/dist/${folder}/package.json`, `${JSON.stringify({ type, sideEffects: false, imports }, null, 2)}\n`);
}
