/** Starts the desk: signs in, then shows the view that the address names, and the next one when it changes. */
import { ApiError, read } from "./api.js";
import { el } from "./dom.js";
import { makeFrame } from "./frame.js";
import { identity } from "./identity.js";
import { key } from "./key.js";
import { useShortcuts } from "./keyboard.js";
import { awaitServer, isAway, reload } from "./recovery.js";
import { go, route, to } from "./router.js";
import { forgetList, listPage, searchNext } from "./sessions/list.js";
import { livePage } from "./live/live-page.js";
import { proofPage } from "./proof/proof-page.js";
import { signInPage, signOut } from "./sign-in.js";
import { failure, skeleton } from "./states.js";
import { applyTheme } from "./theme.js";
import { resourcePage } from "./timeline/resource-page.js";
import { sessionPage } from "./timeline/session-page.js";

/** @typedef {import("./types.js").Page} Page */

/** @type {Record<string, string>} why single sign-on led nowhere */
const REFUSALS = {
  "not-invited": "Nobody has invited you here yet. Ask an administrator for an invitation, then sign in again.",
  domain: "People of your e-mail domain are not let in here.",
  unverified: "The provider has not verified your e-mail address.",
  another: "This e-mail address belongs to a member who signs in as somebody else.",
  expired: "Signing in took too long, or began in another browser. Try again.",
  provider: "The provider did not sign you in. Try again, or ask an administrator: the server's log says why.",
};

/** @type {ReturnType<typeof makeFrame> | null} */
let frame = null;
/** @type {Page | null} */
let page = null;

/** @type {import("./types.js").Shortcut} from wherever one is */
const SEARCH = { keys: ["/"], does: "Search", run: () => (searchNext(), go(to.sessions())) };

/** @param {import("./router.js").Route} route @returns {Page} */
function pageOf({ view, ids, query }) {
  if (view === "sessions" && ids.length === 0) return listPage(query, failed);
  if (view === "sessions" && ids.length === 1) return sessionPage(ids[0], query.get("step"), query.get("view"), failed);
  if (view === "live" && ids.length === 0) return livePage(query, failed);
  if (view === "investigations" && ids.length === 0)
    return later("Investigations", async () => (await import("./investigations/list-page.js")).investigationsPage(query, failed));
  if (view === "investigations" && ids.length === 1)
    return later("Investigation", async () => (await import("./investigations/investigation-page.js")).investigationPage(ids[0], failed));
  if (view === "proof" && ids.length === 0) return proofPage(failed);
  if (view === "resources" && ids.length === 2) return resourcePage(ids[0], ids[1], failed);
  if (view === "account" && identity.member())
    return later("Account", async () => (await import("./account.js")).accountPage(failed, again));
  if (view === "settings" && identity.member())
    return later("Settings", async () => (await import("./settings.js")).settingsPage(ids[0] ?? "", failed, again));
  const isForMembers = view === "account" || view === "settings";
  return {
    title: isForMembers ? "For members" : "Not found",
    node: el(
      "div",
      { class: "notice" },
      el("h1", {}, isForMembers ? "This page is for members" : "There is nothing at this address"),
      isForMembers ? el("p", {}, "You are signed in with a key. Sign out, then sign in as a member with your e-mail address.") : "",
      el("p", {}, el("a", { href: to.sessions() }, "Go to the sessions")),
    ),
  };
}

/**
 * A page whose code is loaded when it is first wanted: most people look at sessions only.
 * @param {string} title @param {() => Promise<Node | Page>} load @returns {Page}
 */
function later(title, load) {
  const node = el("div", { class: "list-page" }, skeleton("row-skeleton", 4));
  /** @type {Page | null} */
  let found = null;
  let isLeft = false;
  load().then(
    (loaded) => {
      found = loaded instanceof Node ? { title, node: loaded } : loaded;
      if (isLeft) found.leave?.();
      else node.replaceChildren(found.node);
    },
    (error) => {
      // What the page is made of could not be had: the server is away, or has another version of it since.
      const isCode = error instanceof TypeError && /import/i.test(error.message);
      const message = isCode ? "A part of the desk could not be loaded." : failed(error);
      if (message) node.replaceChildren(failure(`${title} could not be shown`, message, isCode ? reload : show));
      if (isCode) awaitServer();
    },
  );
  const leave = () => {
    isLeft = true;
    found?.leave?.();
  };
  return { title, node, leave, onZone: () => found?.onZone?.() };
}

/** Whatever the member may do or where they look has changed: begin anew. */
async function again() {
  try {
    identity.keep(await read(["account"]));
  } catch (error) {
    return void unreachable(failed(error), again);
  }
  frame = null;
  forgetList();
  show();
}

async function show() {
  page?.leave?.();
  const asked = route();
  if (asked.view === "welcome") return welcome(asked.ids[0] ?? "");
  if (asked.view === "signed-in") {
    history.replaceState(null, "", to.sessions());
    if (!(await knowMember())) return;
  }
  if (asked.view === "refused") {
    history.replaceState(null, "", to.sessions());
    return askForKey(REFUSALS[asked.ids[0]] ?? REFUSALS.provider);
  }
  if (!identity.isKnown() && identity.mayBeMember() && !(await knowMember())) return;
  if (!identity.isKnown()) return askForKey();
  if (key.get() && !key.access() && !(await knowKey())) return;
  if (!frame) {
    frame = makeFrame({ onZone: () => page?.onZone?.(), onSignOut: leave, onWorkspace: again });
    document.body.replaceChildren(frame.node);
  }
  const here = route();
  page = pageOf(here);
  document.title = `${page.title} · Immutable`;
  const shortcuts = page.shortcuts ?? [];
  useShortcuts(shortcuts.some(({ keys }) => keys.includes("/")) ? shortcuts : [...shortcuts, SEARCH]);
  frame.show(here.view, page.node);
  page.entered?.();
}

/** Who is signed in, if anybody. @returns {Promise<boolean>} false where nobody could say, which is told */
async function knowMember() {
  try {
    identity.keep(await read(["account"]));
  } catch (error) {
    if (error instanceof ApiError && error.status !== 401) return unreachable(failed(error), show);
    identity.forget();
    if (!(error instanceof ApiError)) throw error;
  }
  return true;
}

/** Without the server there is nothing to show; whoever is signed in, stays so. @param {string | null} message @param {() => void} retry */
function unreachable(message, retry) {
  if (message) {
    const told = failure("The desk could not begin", message, retry);
    alone({ title: "Waiting", node: el("main", { class: "list-page" }, told), focus: () => told.querySelector("button")?.focus() });
  }
  return false;
}

/** What the key may do, so that only that is offered. @returns {Promise<boolean>} false where it is refused */
async function knowKey() {
  try {
    key.allow(await read(["access"]));
  } catch (error) {
    return failed(error) !== null; // the views say what else is wrong
  }
  return true;
}

async function leave() {
  await signOut();
  askForKey();
}

/** @param {string} [reason] */
function askForKey(reason) {
  identity.forget();
  alone(signInPage(show, reason));
}

/** @param {string} token of a one-time link */
async function welcome(token) {
  alone((await import("./welcome.js")).welcomePage(token, show));
}

/** @param {{title: string, node: Node, focus: () => void}} shown instead of the whole desk */
function alone({ title, node, focus }) {
  page?.leave?.();
  page = frame = null;
  forgetList();
  useShortcuts([]);
  document.title = `${title} · Immutable`;
  document.body.replaceChildren(node);
  focus();
}

/**
 * What every view does with an error: a refused key leads back to the first page, the rest is said in place.
 * @param {unknown} error
 * @returns {string | null} the sentence to show, null where there is nothing to say
 */
function failed(error) {
  if (error instanceof DOMException && error.name === "AbortError") return null;
  if (error instanceof ApiError && error.status === 401) {
    if (!identity.isKnown()) return null; // another request was told the same, and the first page is there
    askForKey(
      identity.member() ? "Your session is over. Sign in again." : "Your key is no longer accepted. Sign in with another.",
    );
    return null;
  }
  if (!(error instanceof ApiError)) throw error;
  if (isAway(error.status)) awaitServer();
  return error.message;
}

applyTheme();
addEventListener("hashchange", show);
addEventListener("refused", (event) => void failed(/** @type {CustomEvent} */ (event).detail));
if (!location.hash) history.replaceState(null, "", "#/sessions");
show();
