/** The first page: asks a member for e-mail address and password, or anybody for an API key, and tries it. */
import { ApiError, change, read } from "./api.js";
import { el } from "./dom.js";
import { field, form } from "./form.js";
import { icon, mark } from "./icons.js";
import { identity } from "./identity.js";
import { key } from "./key.js";
import { isAway } from "./recovery.js";
import { themeButton } from "./theme.js";

const AGAIN_MS = 3000;

/** @param {() => void} onSignedIn @param {string} [reason] why the person is asked again */
export function signInPage(onSignedIn, reason) {
  const body = el("div", {}, keyForm(onSignedIn, reason).node);
  const node = card(
    "Sign in to the desk",
    "Read what people did, in order, from the log that nobody can alter unseen.",
    body,
  );

  /** @param {{node: Node, focus: () => void}} shown */
  function put(shown) {
    body.replaceChildren(shown.node);
    shown.focus();
  }

  /** @param {{has_members: boolean, single_sign_on: string | null}} offered */
  function choose(offered) {
    if (!offered.has_members && !offered.single_sign_on) return;
    if (body.querySelector("input")?.value) return; // somebody types a key already
    const ways = {
      password: () => put(memberForm(onSignedIn, offered, reason, ways.key)),
      key: () => put(keyForm(onSignedIn, "", ways.password)),
    };
    ways.password();
  }

  return {
    title: "Sign in",
    node,
    async focus() {
      body.querySelector("input")?.focus();
      for (;;) {
        try {
          return choose(await read(["sign-in"]));
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          if (!isAway(error.status)) return; // a key may be typed all the same
        }
        await new Promise((resume) => setTimeout(resume, AGAIN_MS));
        if (!node.isConnected) return;
      }
    },
  };
}

/** Ends the session, where there is one; a key is only forgotten. */
export async function signOut() {
  if (!identity.member()) return;
  try {
    await change(["sign-out"]);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error; // it is over already, or the server is away: this tab forgets it
  }
}

/** @param {string} title @param {string} text @param {...Node} content */
export const card = (title, text, ...content) =>
  el(
    "main",
    { class: "sign-in" },
    el(
      "div",
      { class: "sign-in-card" },
      el("div", { class: "brand" }, mark(), "Immutable"),
      el("h1", {}, title),
      el("p", { class: "muted" }, text),
      ...content,
    ),
    el("div", { class: "sign-in-tools" }, themeButton()),
  );

/**
 * @param {() => void} onSignedIn
 * @param {{has_members: boolean, single_sign_on: string | null}} offered
 * @param {string | undefined} reason
 * @param {() => void} other
 */
function memberForm(onSignedIn, offered, reason, other) {
  const email = field("E-mail address", { name: "email", type: "email", autocomplete: "username", required: true });
  const password = field("Password", { name: "password", type: "password", autocomplete: "current-password", required: true });
  const code = field("Code", { name: "code", autocomplete: "one-time-code", autocapitalize: "off", spellcheck: "false" });
  code.node.hidden = true;
  const asked = form([email, password, code], "Sign in", async () => {
    const given = { email: email.input.value.trim(), password: password.input.value, code: code.input.value.trim() };
    if (!given.email || !given.password) throw new ApiError(0, "Enter your e-mail address and your password.");
    const { needs_code } = await change(["sign-in"], given);
    if (needs_code) {
      code.node.hidden = false;
      code.input.focus();
      asked.problem.textContent = "Enter the code of your authenticator, or a recovery code.";
      return;
    }
    identity.keep(await read(["account"]));
    onSignedIn();
  });
  asked.problem.textContent = reason ?? "";
  const node = el(
    "div",
    {},
    offered.has_members && asked.node,
    offered.single_sign_on &&
      el("a", { class: "button wide", href: "api/v1/single-sign-on" }, `Sign in with ${offered.single_sign_on}`),
    el("p", { class: "hint" }, el("button", { type: "button", class: "link", onclick: other }, "Use an API key instead")),
  );
  return { node, focus: () => email.input.focus() };
}

/** @param {() => void} onSignedIn @param {string} [reason] @param {() => void} [other] */
function keyForm(onSignedIn, reason, other) {
  const secret = field("API key", {
    type: "password",
    placeholder: "imk_…",
    autocapitalize: "off",
    spellcheck: "false",
    required: true,
  });
  const asked = form(
    [secret],
    "Sign in",
    async () => {
      const typed = secret.input.value.trim();
      // Anything else cannot stand in a header, and no such key was ever made.
      if (!/^imk_[\x21-\x7e]+$/.test(typed))
        throw new ApiError(0, typed ? "A key begins with imk_ and holds no spaces." : "Enter a key.");
      key.keep(typed);
      key.allow(await read(["access"]));
      onSignedIn();
    },
    (error) => {
      key.forget();
      secret.input.setAttribute("aria-invalid", "true");
      secret.input.select();
      if (!(error instanceof ApiError)) throw error;
      return error.status === 401 ? "This key is not valid here: it is unknown or was revoked." : error.message;
    },
  );
  asked.problem.textContent = reason ?? "";
  const node = el(
    "div",
    {},
    asked.node,
    el(
      "p",
      { class: "hint" },
      "No key yet? On the server: ",
      el("code", {}, "immutable keys create --workspace NAME --scope read"),
    ),
    el("p", { class: "hint" }, icon("key"), "The key stays in this tab and is forgotten when the tab closes."),
    other &&
      el("p", { class: "hint" }, el("button", { type: "button", class: "link", onclick: other }, "Use your e-mail address instead")),
  );
  return { node, focus: () => secret.input.focus() };
}
