/** Settings: where links to the operator's own tools lead, each shown as it would look. */
import { ApiError, change, read } from "./api.js";
import { announce } from "./clipboard.js";
import { el, said } from "./dom.js";
import { choice, field, sentence } from "./form.js";
import { identity } from "./identity.js";
import { latest } from "./latest.js";
import { panel, problemLine } from "./panel.js";

/** @typedef {{template: string | null, default: string, placeholders: string[], example: string | null}} Link */

const PATH = ["settings", "links"];
const KINDS = [
  { kind: "trace", title: "Traces", does: "From a step to its trace." },
  { kind: "logs", title: "Application logs", does: "From a step to the log lines of its session or request." },
  { kind: "errors", title: "Error tracking", does: "From a step to the errors of its request, session or person." },
  { kind: "ticket", title: "Ticket system", does: "From an investigation to its ticket." },
];

/** @param {(error: unknown) => string | null} failed @returns {Promise<Node>} */
export async function linksPart(failed) {
  /** @type {Record<string, Link>} */
  let kept = await read(PATH);
  const mayChange = identity.administers();
  const problem = problemLine();
  const rows = KINDS.map((one) => row(one, kept[one.kind]));
  const asked = latest(
    look,
    ({ seen, errors }) => rows.forEach((one) => one.show(seen[one.kind].example, errors[one.kind]?.[0] ?? "")),
    (error) => (problem.textContent = failed(error) ?? ""),
  );
  const save = el("button", { type: "submit", class: "primary", disabled: true }, "Save");
  const state = el("p", { class: "muted", role: "status" });
  return el(
    "form",
    { novalidate: true, onsubmit: keep },
    panel(
      "Links",
      "Out of the desk into your own tools. What stands in braces is replaced by the event's value, percent-encoded; an event without that value has no link.",
      el("div", { class: "link-rows" }, ...rows.map(({ node }) => node)),
      problem,
      mayChange
        ? el("div", { class: "decide-tools" }, save, state)
        : el("p", { class: "muted" }, "Whoever administers the workspace may change this."),
    ),
  );

  /** @param {{kind: string, title: string, does: string}} about @param {Link} link */
  function row({ kind, title, does }, link) {
    const theirs = link.default ? "The server's" : "The server's: none";
    const whose = choice(title, [["default", theirs], ["own", "Its own"], ["none", "No link"]], whoseOf(link));
    const own = field("Address", { type: "url", maxlength: 2000, spellcheck: "false", placeholder: `https://…/{${link.placeholders[0]}}`, value: link.template || link.default });
    const wrong = el("p", { class: "problem", role: "alert", id: `wrong-${kind}` });
    const example = el("p", { class: "link-example", role: "status" });
    const holders = el(
      "p",
      { class: "placeholders" },
      el("span", { class: "muted" }, "Insert "),
      ...link.placeholders.map((name) =>
        el("button", { type: "button", class: "chip mono", "aria-label": `Insert ${name}`, onclick: () => insert(`{${name}}`) }, `{${name}}`),
      ),
    );
    const more = el("div", { class: "link-own" }, own.node, holders);
    own.input.setAttribute("aria-describedby", wrong.id);
    whose.input.disabled = own.input.disabled = !mayChange;
    if (!mayChange) holders.hidden = true;
    whose.input.addEventListener("change", () => {
      turn();
      if (whose.input.value === "own") own.input.focus();
      changed();
    });
    own.input.addEventListener("input", changed);
    turn();
    show(link.example, "");
    return { kind, node: el("section", { class: "link-row" }, el("div", { class: "link-whose" }, whose.node, el("p", { class: "muted" }, does)), el("div", { class: "link-what" }, more, wrong, example)), value, show, set };

    function turn() {
      more.hidden = whose.input.value !== "own";
    }

    /** @returns {string | null} */
    function value() {
      return { default: null, none: "", own: own.input.value.trim() }[whose.input.value] ?? null;
    }

    /** @param {Link} now */
    function set(now) {
      whose.input.value = whoseOf(now);
      own.input.value = now.template || now.default;
      turn();
      show(now.example, "");
    }

    /** @param {string | null} address @param {string} error */
    function show(address, error) {
      wrong.textContent = error;
      own.input.toggleAttribute("aria-invalid", !!error);
      if (error) example.replaceChildren();
      else if (address) example.replaceChildren(el("span", { class: "muted" }, "For example "), said(address, "mono", 2100));
      else example.replaceChildren(el("span", { class: "muted" }, "No link is shown."));
    }

    /** @param {string} text */
    function insert(text) {
      const { selectionStart: start, selectionEnd: end, value: old } = own.input;
      own.input.setRangeText(text, start ?? old.length, end ?? old.length, "end");
      own.input.focus();
      changed();
    }
  }

  /** What each would come to; one that is wrong does not keep the others from being shown. @param {AbortSignal} signal */
  async function look(signal) {
    const all = wanted();
    /** @type {Record<string, string[]>} */
    let errors = {};
    try {
      return { seen: /** @type {Record<string, Link>} */ (await change([...PATH, "preview"], all, signal)), errors };
    } catch (error) {
      if (!(error instanceof ApiError) || !rows.some(({ kind }) => kind in error.fields)) throw error;
      errors = error.fields;
    }
    const right = Object.fromEntries(Object.entries(all).filter(([kind]) => !(kind in errors)));
    return { seen: /** @type {Record<string, Link>} */ (await change([...PATH, "preview"], right, signal)), errors };
  }

  function wanted() {
    return Object.fromEntries(rows.map((one) => [one.kind, one.value()]));
  }

  function changed() {
    problem.textContent = "";
    const isNew = rows.some((one) => one.value() !== kept[one.kind].template);
    save.disabled = !isNew;
    state.textContent = isNew ? "Not saved yet." : "";
    asked.soon();
  }

  /** @param {SubmitEvent} event */
  async function keep(event) {
    event.preventDefault();
    if (save.disabled) return;
    asked.stop();
    const sent = JSON.stringify(wanted());
    // What was typed meanwhile stays, is not saved yet, and is looked at by itself.
    const isStill = () => JSON.stringify(wanted()) === sent;
    try {
      kept = await change(PATH, JSON.parse(sent));
      announce("Saved");
      if (!isStill()) return changed();
      rows.forEach((one) => one.set(kept[one.kind]));
      save.disabled = true;
      state.textContent = "Saved.";
    } catch (error) {
      const errors = error instanceof ApiError ? error.fields : {};
      if (isStill()) rows.forEach((one) => errors[one.kind] && one.show(null, errors[one.kind][0]));
      if (!rows.some((one) => errors[one.kind])) problem.textContent = sentence(error);
    }
  }
}

/** @param {Link} link */
const whoseOf = ({ template }) => (template === null ? "default" : template ? "own" : "none");
