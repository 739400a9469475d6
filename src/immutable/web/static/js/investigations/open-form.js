/** What it takes to open an investigation: a ticket number and a title. */
import { change } from "../api.js";
import { field } from "../form.js";

export const openFields = () => [
  field("Ticket number", { name: "ticket", maxlength: 255, required: true }),
  field("Title", { name: "title", maxlength: 255, required: true }),
];

/** @param {{input: HTMLInputElement}[]} fields @returns {Promise<import("../types.js").WholeInvestigation>} */
export const openInvestigation = ([ticket, title]) =>
  change(["investigations"], { ticket: ticket.input.value.trim(), title: title.input.value.trim() });
