/** The first page: asks for an API key and tries it. */
import { ApiError, sessions } from "./api.js";
import { el, iconButton } from "./dom.js";
import { icon, mark } from "./icons.js";
import { key } from "./key.js";
import { themeButton } from "./theme.js";

/** @param {() => void} onSignedIn @param {string} [reason] why the person is asked again */
export function signInPage(onSignedIn, reason) {
  const field = el("input", {
    id: "key",
    type: "password",
    placeholder: "imk_…",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    required: true,
    "aria-describedby": "problem",
  });
  const problem = el("p", { id: "problem", class: "problem", role: "alert" }, reason);
  const submit = el("button", { class: "primary" }, "Sign in");
  const form = el(
    "form",
    { novalidate: true, onsubmit: trySignIn },
    el("label", { for: "key" }, "API key"),
    field,
    problem,
    submit,
  );

  /** @param {SubmitEvent} event */
  async function trySignIn(event) {
    event.preventDefault();
    const typed = field.value.trim();
    // Anything else cannot stand in a header, and no such key was ever made.
    if (!/^imk_[\x21-\x7e]+$/.test(typed))
      return refuse(typed ? "A key begins with imk_ and holds no spaces." : "Enter a key.");
    submit.disabled = true;
    key.keep(typed);
    try {
      await sessions({ limit: "1" });
      onSignedIn();
    } catch (error) {
      key.forget();
      refuse(error instanceof ApiError ? sentenceFor(error) : String(error));
    } finally {
      submit.disabled = false;
    }
  }

  /** @param {string} why */
  function refuse(why) {
    problem.textContent = why;
    field.setAttribute("aria-invalid", "true");
    field.select();
    field.focus();
  }

  const node = el(
    "main",
    { class: "sign-in" },
    el(
      "div",
      { class: "sign-in-card" },
      el("div", { class: "brand" }, mark(), "Immutable"),
      el("h1", {}, "Sign in to the desk"),
      el("p", { class: "muted" }, "Read what people did, in order, from the log that nobody can alter unseen."),
      form,
      el(
        "p",
        { class: "hint" },
        "No key yet? On the server: ",
        el("code", {}, "immutable keys create --workspace NAME --scope read"),
      ),
      el("p", { class: "hint" }, icon("key"), "It stays in this tab and is forgotten when the tab closes."),
    ),
    el("div", { class: "sign-in-tools" }, themeButton()),
  );
  return { title: "Sign in", node, focus: () => field.focus() };
}

/** @param {ApiError} error */
function sentenceFor(error) {
  if (error.status === 401) return "This key is not valid here: it is unknown or was revoked.";
  return error.message;
}
