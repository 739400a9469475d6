/** The settings: what a workspace is, who uses it, how it is shown and what it forgets; as far as whoever looks may change them. */
import { change } from "./api.js";
import { announce } from "./clipboard.js";
import { el, said } from "./dom.js";
import { field, form } from "./form.js";
import { identity } from "./identity.js";
import { panel, table } from "./panel.js";

const PARTS = [
  { id: "keys", name: "API keys", isFor: () => identity.administers() && !identity.workspace()?.is_administration },
  { id: "members", name: "Members", isFor: () => identity.administers() },
  { id: "destructive", name: "Destructive actions", isFor: () => !!identity.workspace() },
  { id: "links", name: "Links", isFor: () => !!identity.workspace() },
  { id: "privacy", name: "Privacy", isFor: () => !!identity.workspace() && !identity.workspace()?.is_administration },
  { id: "workspaces", name: "Workspaces", isFor: () => true },
];

/**
 * @param {string} part
 * @param {(error: unknown) => string | null} failed
 * @param {() => Promise<void>} again
 * @returns {Promise<Node>}
 */
export async function settingsPage(part, failed, again) {
  const parts = PARTS.filter((one) => one.isFor());
  const here = parts.find(({ id }) => id === part) ?? parts[0];
  const workspace = identity.workspace();
  const tabs = el(
    "nav",
    { class: "tabs", "aria-label": "Settings" },
    ...parts.map(({ id, name }) =>
      el("a", { href: `#/settings/${id}`, "aria-current": id === here.id ? "page" : null }, name),
    ),
  );
  // On a phone they are wider than the window.
  requestAnimationFrame(() => tabs.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }));
  return el(
    "div",
    { class: "settings" },
    el(
      "header",
      { class: "page-head" },
      el("h1", {}, "Settings"),
      workspace && el("span", { class: "count" }, said(workspace.name, null, 60)),
    ),
    tabs,
    await content(here.id),
  );

  /** @param {string} id */
  async function content(id) {
    if (id === "keys") return (await import("./settings-keys.js")).keysPart();
    if (id === "members") return (await import("./settings-members.js")).membersPart(again);
    if (id === "destructive") return (await import("./settings-destructive.js")).destructivePart(failed);
    if (id === "links") return (await import("./settings-links.js")).linksPart(failed);
    if (id === "privacy") return (await import("./privacy/privacy-part.js")).privacyPart(failed);
    return workspacesPart();
  }

  function workspacesPart() {
    const name = field("Name", { name: "name", maxlength: 255 });
    const make = form(
      [name],
      "Create",
      async () => {
        const made = await change(["workspaces"], { name: name.input.value.trim() });
        identity.choose(made.id);
        announce("Created");
        await again();
      },
      failed,
    );
    const all = identity.member()?.workspaces ?? [];
    return el(
      "div",
      {},
      panel(
        "Workspaces",
        "Each has a log, keys and members of its own.",
        table(
          "Workspaces",
          ["Name", "Your role", ""],
          all.map((one) => [
            said(one.name, null, 80),
            one.role,
            one.id === workspace?.id
              ? el("span", { class: "badge" }, "you are here")
              : el("button", { type: "button", class: "button", "aria-label": `Go to ${one.name}`, onclick: () => visit(one.id) }, "Go there"),
          ]),
        ),
      ),
      identity.ownsAll() && panel("New workspace", "Its owners are those of the installation, until you invite others.", make.node),
    );
  }

  /** @param {string} id */
  function visit(id) {
    identity.choose(id);
    return again();
  }
}
