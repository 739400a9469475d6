// Compiles Anchor.sol into Anchor.json: `npm ci && npm run build`. The same sources and compiler give the same bytes.
import { readFileSync, writeFileSync } from "node:fs";
import solc from "solc";

const input = {
  language: "Solidity",
  sources: { "Anchor.sol": { content: readFileSync(new URL("Anchor.sol", import.meta.url), "utf8") } },
  settings: {
    evmVersion: "paris", // older nodes and side chains know no PUSH0
    optimizer: { enabled: true },
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
  },
};
const output = JSON.parse(solc.compile(JSON.stringify(input)));
if (output.errors) throw new Error(output.errors.map((one) => one.formattedMessage).join("\n"));
const { abi, evm } = output.contracts["Anchor.sol"].Anchor;
const built = { compiler: solc.version(), evmVersion: input.settings.evmVersion, abi, bytecode: "0x" + evm.bytecode.object };
writeFileSync(process.argv[2] ?? new URL("Anchor.json", import.meta.url), JSON.stringify(built, null, 2) + "\n");
