/**
 * The page for iframes: takes the token out of its address, and hosts the component. It and the page around it speak by messages: this
 * one asks {type: "audit-log-token-expiring"}, the one around it answers {type: "audit-log-token", token}, or sends that by itself.
 */
import { AuditLogViewer } from "./element.js";

const ANSWER_MS = 20_000;

const given = new URL(location.href).searchParams;
for (const [name, value] of new URLSearchParams(location.hash.slice(1))) given.set(name, value);
const token = given.get("token");
given.delete("token");
// The address is what people copy, bookmark and photograph.
history.replaceState(null, "", location.pathname + (given.size ? `?${given}` : ""));

const viewer = new AuditLogViewer();
const [theme, locale] = [given.get("theme"), given.get("locale")];
if (theme) viewer.theme = theme;
if (locale) viewer.locale = locale;
viewer.token = token ?? "";
document.documentElement.lang = viewer.locale;
if (theme === "light" || theme === "dark") document.documentElement.style.colorScheme = theme;

if (parent !== window) {
  /** @type {((token: string) => void) | null} */ let answered = null;
  addEventListener("message", ({ source, data }) => {
    if (source !== parent || data?.type !== "audit-log-token" || typeof data.token !== "string") return;
    viewer.token = data.token;
    answered?.(data.token);
  });
  viewer.refreshToken = () =>
    new Promise((resolve, reject) => {
      answered = resolve;
      setTimeout(() => reject(new Error("The page around this one did not answer.")), ANSWER_MS);
      parent.postMessage({ type: "audit-log-token-expiring" }, "*"); // it says nothing that anybody could use
    });
  if (!token) viewer.refreshToken().catch((error) => console.warn(error));
}

const sheet = new CSSStyleSheet();
sheet.replaceSync("body { margin: 0 } audit-log-viewer { min-height: 100vh }");
document.adoptedStyleSheets = [sheet];
const main = document.createElement("main");
main.append(viewer);
document.body.replaceChildren(main);
