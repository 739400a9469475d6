/** Takes the evidence pack of a session or an investigation from the server and saves it as a file. */
import { evidence } from "../api.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";

/**
 * @param {string[]} path what is proved, as the API names it
 * @param {() => Record<string, string>} query how it is asked for
 * @param {(error: unknown) => string | null} failed
 * @param {AbortSignal} signal
 */
export function evidenceButton(path, query, failed, signal) {
  const text = el("span", {}, "Evidence");
  const node = el(
    "button",
    { type: "button", class: "verify", onclick: run, title: "Download a file that proves this, offline" },
    icon("download"),
    text,
  );

  const problem = el("span", { class: "problem", role: "alert" });

  async function run() {
    node.disabled = true;
    problem.remove();
    text.textContent = "Proving…";
    try {
      save(await evidence(path, query(), signal), `evidence-${path[1].replaceAll(/[^A-Za-z0-9._-]+/g, "-").slice(0, 80)}.zip`);
      text.textContent = "Evidence";
    } catch (error) {
      const message = failed(error);
      if (message) {
        text.textContent = "No evidence";
        node.after(problem);
        problem.textContent = message;
      }
    } finally {
      node.disabled = false;
    }
  }
  return node;
}

/** @param {Blob} content @param {string} name */
function save(content, name) {
  const address = URL.createObjectURL(content);
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
