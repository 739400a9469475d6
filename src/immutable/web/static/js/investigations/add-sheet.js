/** Asks to which investigation a session or an event is added: an open one, or a new one. */
import { change, investigations } from "../api.js";
import { el, said, visible } from "../dom.js";
import { choice, form, sentence } from "../form.js";
import { to } from "../router.js";
import { skeleton } from "../states.js";
import { openFields, openInvestigation } from "./open-form.js";
import { sheet } from "./sheet.js";

const NEW = "new";

/** @param {import("./add-button.js").Addable} what */
export function openAddSheet(what) {
  const content = el("div", {}, skeleton("row-skeleton", 1));
  const { close } = sheet("Add to investigation", content);
  investigations({ closed: "false", limit: "100" }).then(
    ({ data, pagination }) => content.replaceChildren(...asked(data, pagination.has_more)),
    (error) => content.replaceChildren(el("p", { class: "problem", role: "alert" }, sentence(error))),
  );

  /** @param {import("../types.js").Investigation[]} open @param {boolean} hasMore */
  function asked(open, hasMore) {
    /** @type {[string, string][]} */
    const options = open.map(({ id, ticket, title }) => [id, visible(`${ticket}: ${title}`, 80)]);
    const target = choice("Investigation", [...options, [NEW, "A new one"]], open[0]?.id ?? NEW);
    const fields = openFields();
    const show = () => fields.forEach(({ node }) => (node.hidden = target.input.value !== NEW));
    target.input.addEventListener("change", show);
    show();
    const done = el("div", { role: "status" });
    const add = form([target, ...fields], "Add", async () => {
      if (target.input.value === NEW) {
        const made = await openInvestigation(fields);
        // Chosen from now on: should adding fail, trying again opens no second one.
        target.input.prepend(el("option", { value: made.id, selected: true }, visible(`${made.ticket}: ${made.title}`, 80)));
        show();
      }
      const held = await change(["investigations", target.input.value, "items"], what);
      const link = el("a", { class: "link", href: to.investigation(held.id), onclick: close }, "Open the investigation");
      done.replaceChildren(el("p", {}, "Added to ", said(held.ticket, "mono", 60), ". ", link));
      link.focus();
      add.node.remove();
    });
    return [add.node, ...(hasMore ? [el("p", { class: "muted" }, "The newest 100 that are open.")] : []), done];
  }
}
