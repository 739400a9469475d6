/** The button that adds a session or an event to an investigation; what it opens is loaded when it is first pressed. */
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { identity } from "../identity.js";

/** @typedef {{session_id: string} | {event_id: string}} Addable */

/** @param {Addable} what @param {string} className @returns {HTMLButtonElement | null} null for those who may not add */
export const addButton = (what, className) =>
  !identity.may("ingest")
    ? null
    : el(
        "button",
        {
          type: "button",
          class: className,
          title: "Gather this under a ticket",
          onclick: async () => (await import("./add-sheet.js")).openAddSheet(what),
        },
        icon("folder"),
        el("span", {}, "Add to investigation"),
      );
