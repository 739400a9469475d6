/** Settings: privacy. Forgetting on the record, what was forgotten before, and what must not be forgotten. */
import { el } from "../dom.js";
import { identity } from "../identity.js";
import { panel } from "../panel.js";
import { erasePanel } from "./erase.js";
import { holdPanel } from "./holds.js";
import { pastErasures } from "./past-erasures.js";

/** @param {(error: unknown) => string | null} failed @returns {Promise<Node>} */
export async function privacyPart(failed) {
  const past = await pastErasures(failed);
  const pastPanel = panel("Erasures so far", "Each is an event of the log that nobody can change or remove.", past.node);
  if (!identity.administers()) return el("div", {}, pastPanel);
  const holds = await holdPanel();
  return el("div", {}, erasePanel(failed, past), pastPanel, holds);
}
