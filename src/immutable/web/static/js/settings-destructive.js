/** Settings: which actions count as destructive, with what that means for the workspace's own actions. */
import { change, read } from "./api.js";
import { chipField } from "./chip-field.js";
import { announce } from "./clipboard.js";
import { el, said, visible } from "./dom.js";
import { sentence } from "./form.js";
import { icon } from "./icons.js";
import { identity } from "./identity.js";
import { latest } from "./latest.js";
import { panel, problemLine } from "./panel.js";
import { count } from "./words.js";

/** @typedef {{uses_default: boolean, patterns: string[], exceptions: string[]}} Choice */
/** @typedef {{action: string, events_count: number, destructive: boolean, was_destructive: boolean, pattern: string | null}} Known */
/** @typedef {{actions: Known[], from_sequence: number, is_whole: boolean}} Preview */

const PATH = ["settings", "destructive-actions"];

/** @param {(error: unknown) => string | null} failed @returns {Promise<Node>} */
export async function destructivePart(failed) {
  /** @type {Choice & {default: string[]}} */
  let kept = await read(PATH);
  const mayChange = identity.administers();
  const problem = problemLine();
  const shown = el("div", { class: "known", "aria-busy": "true" });
  const asked = latest(
    (signal) => change([...PATH, "preview"], choice(), signal),
    draw,
    (error) => (problem.textContent = failed(error) ?? ""),
  );
  const box = el("input", { type: "checkbox", checked: kept.uses_default, disabled: !mayChange, onchange: changed });
  const patterns = chipField("Also destructive", "Actions of your own; * stands for anything, as in billing.*", kept.patterns, changed);
  const exceptions = chipField("Never destructive", "What does not count, whatever else covers it.", kept.exceptions, changed);
  const save = el("button", { type: "submit", class: "primary" }, "Save");
  const undo = el("button", { type: "button", class: "button", onclick: () => set(kept) }, "Undo");
  const reset = el("button", { type: "button", class: "button", onclick: () => set({ uses_default: true, patterns: [], exceptions: [] }) }, "As the server says");
  const state = el("p", { class: "muted", role: "status" });
  const tools = el("div", { class: "decide-tools" }, save, undo, reset, state);
  for (const { input, node } of [patterns, exceptions]) {
    input.disabled = !mayChange;
    if (!mayChange) node.classList.add("read-only");
  }
  const node = el(
    "form",
    { onsubmit: keep },
    panel(
      "Destructive actions",
      "Steps of these actions stand out in timelines, stories, lists and evidence packs; in old events too, for the log itself stays as it is.",
      el(
        "div",
        { class: "decide" },
        el("label", { class: "check" }, box, "The server's patterns count"),
        el("ul", { class: "chip-list quiet", "aria-label": "The server's patterns" }, ...kept.default.map((one) => el("li", { class: "chip mono" }, said(one, null, 120)))),
        patterns.node,
        exceptions.node,
        problem,
        mayChange ? tools : el("p", { class: "muted" }, "Whoever administers the workspace may change this."),
      ),
    ),
    panel("What that means here", "The actions of this workspace's newest events.", shown),
  );
  drawTools();
  asked.now();
  return node;

  /** @returns {Choice} */
  function choice() {
    return { uses_default: box.checked, patterns: patterns.values(), exceptions: exceptions.values() };
  }

  function changed() {
    problem.textContent = "";
    drawTools();
    asked.soon();
  }

  /** @param {Choice} wanted */
  function set(wanted) {
    box.checked = wanted.uses_default;
    patterns.set(wanted.patterns);
    exceptions.set(wanted.exceptions);
  }

  function drawTools() {
    const is = JSON.stringify(choice());
    const isNew = is !== JSON.stringify({ uses_default: kept.uses_default, patterns: kept.patterns, exceptions: kept.exceptions });
    undo.hidden = !isNew;
    reset.hidden = is === JSON.stringify({ uses_default: true, patterns: [], exceptions: [] });
    save.disabled = !isNew;
    state.textContent = isNew ? "Not saved yet." : "";
  }

  /** @param {SubmitEvent} event */
  async function keep(event) {
    event.preventDefault();
    if (save.disabled) return;
    const sent = JSON.stringify(choice());
    try {
      kept = await change(PATH, JSON.parse(sent));
      announce("Saved");
      if (JSON.stringify(choice()) === sent) {
        set(kept);
        state.textContent = "Saved.";
      } else drawTools(); // what was changed meanwhile stays, and is not saved yet
      await asked.now();
    } catch (error) {
      problem.textContent = sentence(error);
    }
  }

  /** @param {Preview} preview */
  function draw({ actions, from_sequence, is_whole }) {
    const found = actions.filter(({ destructive }) => destructive);
    const others = actions.filter(({ destructive }) => !destructive);
    const events = found.reduce((sum, one) => sum + one.events_count, 0);
    const focused = shown.contains(document.activeElement) ? document.activeElement?.getAttribute("data-action") : null;
    shown.removeAttribute("aria-busy");
    shown.replaceChildren(
      el(
        "p",
        { class: "known-sum", role: "status" },
        actions.length ? `${count(found.length, "action")} of ${actions.length.toLocaleString("en")} and ${count(events, "event")} count as destructive.` : "Nothing was appended yet.",
      ),
      ...(found.length ? [group("Destructive", found)] : []),
      ...(others.length ? [group("Not destructive", others)] : []),
      ...(is_whole ? [] : [el("p", { class: "muted" }, `Looked back to event ${from_sequence.toLocaleString("en")}; there may be others.`)]),
    );
    if (focused) /** @type {HTMLElement | null} */ (shown.querySelector(`[data-action="${CSS.escape(focused)}"]`))?.focus();
  }

  /** @param {string} title @param {Known[]} actions */
  function group(title, actions) {
    return el(
      "section",
      {},
      el("h3", {}, title, el("span", { class: "count" }, actions.length.toLocaleString("en"))),
      el("ul", { class: "known-list" }, ...actions.map(row)),
    );
  }

  /** @param {Known} one */
  function row(one) {
    const isChanged = one.destructive !== one.was_destructive;
    return el(
      "li",
      { class: one.destructive ? "destructive" : null },
      one.destructive ? icon("alert") : el("span", { class: "icon" }),
      said(one.action, "mono known-action", 255),
      el("span", { class: "muted number" }, count(one.events_count, "event")),
      el(
        "span",
        { class: "known-why muted" },
        one.destructive && one.pattern !== one.action && el("span", {}, "by ", said(one.pattern, "mono", 60)),
        !one.destructive && one.pattern !== null && el("span", {}, "excepted from ", said(one.pattern, "mono", 60)),
        isChanged && el("span", { class: `badge ${one.destructive ? "danger" : "warn"}` }, one.destructive ? "new" : "no longer"),
      ),
      mayChange &&
        el(
          "button",
          {
            type: "button",
            class: "button small",
            "data-action": one.action,
            "aria-label": `${one.destructive ? "Never count" : "Count"} ${visible(one.action, 120)}`,
            onclick: () => turn(one),
          },
          one.destructive ? "Never" : "Count",
        ),
    );
  }

  /** An action is a pattern too, if it has no star. @param {Known} one */
  function turn({ action, destructive, pattern }) {
    const without = (/** @type {string[]} */ all) => all.filter((one) => one !== action);
    if (!destructive) {
      exceptions.set(without(exceptions.values()));
      if (pattern === null) patterns.set([...patterns.values(), action]);
    } else {
      patterns.set(without(patterns.values()));
      if (pattern !== action) exceptions.set([...exceptions.values(), action]);
    }
    asked.now();
  }
}
