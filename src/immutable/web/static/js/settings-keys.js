/** Settings: the workspace's API keys. A new one is shown once. */
import { change, read } from "./api.js";
import { announce, copyButton } from "./clipboard.js";
import { el, said } from "./dom.js";
import { field, form } from "./form.js";
import { carefulButton, panel, problemLine, table } from "./panel.js";
import { time } from "./time.js";

/** @typedef {{id: string, name: string, hint: string, scopes: string[], created_at: string, last_used_at: string | null, revoked_at: string | null}} ApiKey */

const SCOPES = [
  ["ingest", "append events", true],
  ["read", "read the log", true],
  ["admin", "administer the workspace", false],
];

/** @returns {Promise<Node>} */
export async function keysPart() {
  const list = el("div", {});
  const shown = el("div", { role: "status" });
  const name = field("Label", { name: "name", maxlength: 255 });
  const boxes = SCOPES.map(([value, does, checked]) => {
    const box = el("input", { type: "checkbox", value, checked });
    return { box, node: el("label", { class: "check" }, box, `${value}: ${does}`) };
  });
  const make = form([name], "Create key", async () => {
    const scopes = boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
    const made = await change(["keys"], { name: name.input.value.trim(), scopes });
    name.input.value = "";
    shown.replaceChildren(
      el("p", {}, "Copy the key now; it is not shown again."),
      el("p", { class: "mono secret" }, made.secret, copyButton("Copy the key", () => made.secret)),
    );
    await draw();
  });
  make.node.querySelector(".field")?.after(el("fieldset", { class: "checks" }, el("legend", {}, "May"), ...boxes.map((one) => one.node)));
  await draw();
  return el("div", {}, panel("New API key", "For programs: the SDKs, the command line, scripts.", make.node, shown), panel("API keys", "", list));

  async function draw() {
    /** @type {ApiKey[]} */
    const keys = await read(["keys"]);
    const problem = problemLine();
    list.replaceChildren(
      keys.length
        ? table(
            "API keys",
            ["Label", "Ends in", "May", "Created", "Last used", ""],
            keys.reverse().map((one) => [
              said(one.name || "no label", null, 80),
              said(`…${one.hint}`, "mono"),
              one.scopes.join(", "),
              time(one.created_at, "relative"),
              one.last_used_at ? time(one.last_used_at, "relative") : "never",
              one.revoked_at
                ? el("span", { class: "badge" }, "revoked")
                : carefulButton("Revoke", one.name || `the key that ends in ${one.hint}`, () => revoke(one.id), problem),
            ]),
          )
        : el("p", { class: "muted" }, "None yet."),
      problem,
    );
  }

  /** @param {string} id */
  async function revoke(id) {
    await change(["keys", id, "revoke"]);
    announce("Revoked");
    await draw();
  }
}
