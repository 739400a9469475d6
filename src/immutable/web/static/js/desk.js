/** Starts the desk: signs in, then shows the view that the address names, and the next one when it changes. */
import { ApiError } from "./api.js";
import { el } from "./dom.js";
import { makeFrame } from "./frame.js";
import { key } from "./key.js";
import { useShortcuts } from "./keyboard.js";
import { go, route, to } from "./router.js";
import { forgetList, listPage, searchNext } from "./sessions/list.js";
import { livePage } from "./live/live-page.js";
import { proofPage } from "./proof/proof-page.js";
import { signInPage } from "./sign-in.js";
import { applyTheme } from "./theme.js";
import { resourcePage } from "./timeline/resource-page.js";
import { sessionPage } from "./timeline/session-page.js";

/** @typedef {import("./types.js").Page} Page */

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
  if (view === "proof" && ids.length === 0) return proofPage(failed);
  if (view === "resources" && ids.length === 2) return resourcePage(ids[0], ids[1], failed);
  return {
    title: "Not found",
    node: el(
      "div",
      { class: "notice" },
      el("h1", {}, "There is nothing at this address"),
      el("p", {}, el("a", { href: to.sessions() }, "Go to the sessions")),
    ),
  };
}

function show() {
  page?.leave?.();
  if (!key.get()) return askForKey();
  if (!frame) {
    frame = makeFrame({ onZone: () => page?.onZone?.(), onSignOut: () => askForKey() });
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

/** @param {string} [reason] */
function askForKey(reason) {
  page?.leave?.();
  page = frame = null;
  key.forget();
  forgetList();
  useShortcuts([]);
  const { title, node, focus } = signInPage(show, reason);
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
    askForKey("Your key is no longer accepted. Sign in with another.");
    return null;
  }
  if (error instanceof ApiError) return error.message;
  throw error;
}

applyTheme();
addEventListener("hashchange", show);
if (!location.hash) history.replaceState(null, "", "#/sessions");
show();
