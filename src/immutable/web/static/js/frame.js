/** What stays around every view: navigation, the zone of the clock, theme, sign out. */
import { el, iconButton, said, visible } from "./dom.js";
import { icon, mark } from "./icons.js";
import { identity } from "./identity.js";
import { key } from "./key.js";
import { keyboardButton } from "./keyboard.js";
import { SECTIONS } from "./sections.js";
import { themeButton } from "./theme.js";
import { browserZone, chooseZone, zone, zones } from "./time.js";

/** @param {{onZone: () => void, onSignOut: () => void, onWorkspace: () => void}} listen */
export function makeFrame({ onZone, onSignOut, onWorkspace }) {
  const links = SECTIONS.filter((section) => section.isFor?.() ?? true).map((section) => ({
    section,
    link: el("a", { href: section.address }, icon(section.icon), section.name),
  }));
  const main = el("main", { id: "main", tabindex: -1 });
  const node = el(
    "div",
    { class: "frame" },
    el("a", { class: "skip", href: "#main", onclick: skip }, "Skip to content"),
    el(
      "header",
      { class: "side" },
      el("a", { class: "brand", href: "#/sessions" }, mark(), "Immutable"),
      el("nav", { "aria-label": "Desk" }, el("ul", {}, ...links.map(({ link }) => el("li", {}, link)))),
      el(
        "div",
        { class: "side-foot" },
        workspaceChoice(onWorkspace),
        zoneChoice(onZone),
        el(
          "div",
          { class: "side-tools" },
          whoHint(),
          keyboardButton(),
          themeButton(),
          iconButton("Sign out", { onclick: onSignOut }, icon("out")),
        ),
      ),
    ),
    main,
  );

  /** @param {Event} event */
  function skip(event) {
    event.preventDefault();
    main.focus();
  }

  /** @param {string} view @param {Node} content */
  function show(view, content) {
    for (const { section, link } of links) {
      if (section.views.includes(view)) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    // A sheet belongs to the view that it was opened in.
    for (const sheet of document.querySelectorAll("dialog")) sheet.close();
    main.replaceChildren(content);
    // As after a page load: reading starts at the top, for eyes and for screen readers.
    scrollTo(0, 0);
    main.focus({ preventScroll: true });
  }
  return { node, show };
}

/** Who uses the desk: a key's last letters, or the member, whose account is behind it. */
function whoHint() {
  const member = identity.member();
  if (member)
    return el("a", { class: "key-hint", href: "#/account", title: member.email }, said(member.name || member.email, null, 24));
  return el("span", { class: "key-hint", title: "The key of this tab" }, icon("key"), `…${key.get()?.slice(-4)}`);
}

/** Where one is; a choice for those who can be elsewhere. @param {() => void} onWorkspace */
function workspaceChoice(onWorkspace) {
  const here = identity.workspace();
  const all = identity.member()?.workspaces ?? [];
  const name = identity.place();
  if (!here || all.length < 2)
    return name && el("p", { class: "zone workspace", title: visible(name, 255) }, el("span", {}, "Workspace"), said(name, "workspace-name", 120));
  const select = el(
    "select",
    {
      "aria-label": "Workspace",
      onchange: () => {
        identity.choose(select.value);
        onWorkspace();
      },
    },
    ...all.map(({ id, name }) => el("option", { value: id, selected: id === here.id }, visible(name, 60))),
  );
  return el("label", { class: "zone workspace" }, el("span", {}, "Workspace"), select);
}

/** @param {() => void} onZone */
function zoneChoice(onZone) {
  const name = (/** @type {string} */ id) =>
    id === browserZone ? `${id.replaceAll("_", " ")} (here)` : id.replaceAll("_", " ");
  const option = (/** @type {string} */ id) => el("option", { value: id, selected: id === zone() }, name(id));
  const first = [...new Set(["UTC", browserZone, zone()])];
  const select = el(
    "select",
    {
      onchange: () => {
        chooseZone(select.value);
        onZone();
      },
    },
    ...first.map(option),
  );
  // All others, once the page is there: the list is long.
  setTimeout(() => {
    const others = zones().filter((id) => !first.includes(id));
    select.append(el("optgroup", { label: "Elsewhere" }, ...others.map(option)));
  }, 1000);
  return el("label", { class: "zone" }, el("span", {}, "Times in"), select);
}
