/** <audit-log-viewer token="…" server="…" theme="light|dark|auto" locale="…">: what a viewer token covers, on any page. */
import { el } from "../static/js/dom.js";
import { ask } from "./client.js";
import { notice } from "./parts.js";
import { Texts } from "./texts.js";
import { TokenKeeper } from "./token.js";
import sheet from "./viewer.css" with { type: "css" };
import { views } from "./views.js";

export class AuditLogViewer extends HTMLElement {
  static observedAttributes = ["token", "server", "locale"];

  #keeper = new TokenKeeper((expiresAt) => this.#askForToken(expiresAt), () => this.#probe());
  /** @type {Record<string, any> | undefined} */ #texts;
  /** @type {(() => Promise<string>) | undefined} */ #refresh;
  /** @type {ReturnType<typeof views> | null} */ #views = null;
  #isPlanned = false;
  #isExpired = false;

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
    for (const name of /** @type {const} */ (["token", "server", "locale", "theme", "texts", "refreshToken"]))
      if (Object.hasOwn(this, name)) {
        // The page set it before this file had arrived.
        const value = /** @type {any} */ (this)[name];
        delete (/** @type {any} */ (this)[name]);
        /** @type {any} */ (this)[name] = value;
      }
  }

  /** The viewer token. It is not written into the attribute, where other scripts of the page would find it. */
  get token() {
    return this.#keeper.value;
  }
  set token(value) {
    const token = value ?? "";
    if (token === this.#keeper.value) return;
    const isSame = this.#keeper.take(token);
    if (!this.isConnected) this.#keeper.rest();
    if (!isSame || this.#isExpired) this.#begin();
  }

  /** Where the log is; as long as nothing is said, where this file came from. */
  get server() {
    const given = new URL(this.getAttribute("server") || ".", this.hasAttribute("server") ? document.baseURI : import.meta.url);
    return given.href.replace(/[?#].*$/, "").replace(/\/?$/, "/");
  }
  set server(value) {
    reflect(this, "server", value);
  }

  get theme() {
    return this.getAttribute("theme") ?? "auto";
  }
  set theme(value) {
    reflect(this, "theme", value);
  }

  get locale() {
    const around = this.closest("[lang]")?.getAttribute("lang");
    return this.getAttribute("locale") || around || navigator.language;
  }
  set locale(value) {
    reflect(this, "locale", value);
  }

  /** Own texts in place of the built-in ones: any of those in texts/en.js, and `actions`: what each action is called. */
  get texts() {
    return this.#texts;
  }
  set texts(value) {
    if (value === this.#texts) return;
    this.#texts = value ?? undefined;
    this.#drawSoon();
  }

  /** Answers a new token; asked before the present one ends, and whenever the server refuses it. */
  get refreshToken() {
    return this.#refresh;
  }
  set refreshToken(value) {
    this.#refresh = value ?? undefined;
  }

  connectedCallback() {
    this.#keeper.plan();
    this.#drawSoon();
  }

  disconnectedCallback() {
    this.#keeper.rest();
    this.#leave();
  }

  /** @param {string} name @param {string | null} before @param {string | null} now */
  attributeChangedCallback(name, before, now) {
    if (name === "token") this.token = now ?? "";
    else if (before !== now) this.#drawSoon();
  }

  /** @param {Date} expiresAt */
  async #askForToken(expiresAt) {
    this.#tell("audit-log-token-expiring", { expiresAt });
    const given = await this.#refresh?.();
    if (given) this.token = given;
  }

  /** By this clock the token has ended; whether that is so, the server knows. */
  async #probe() {
    try {
      await ask(this.server, this.#keeper, ["events"], { limit: "1" }, new AbortController().signal);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** @param {any} error @returns {boolean} whether all there is to say of it was said */
  #failed(error) {
    if (error.status !== 401) return false;
    this.#isExpired = true;
    this.#tell("audit-log-token-expired", {});
    this.#drawSoon();
    return true;
  }

  /** @param {string} name @param {object} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail }));
  }

  #begin() {
    this.#isExpired = false;
    this.#drawSoon();
  }

  /** Several properties that are set at once are one change. */
  #drawSoon() {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    queueMicrotask(() => {
      this.#isPlanned = false;
      if (this.isConnected) this.#draw();
    });
  }

  #leave() {
    this.#views?.leave();
    this.#views = null;
  }

  #draw() {
    this.#leave();
    const texts = new Texts(this.locale, this.#texts);
    const root = el("div", { class: "viewer", lang: texts.locale });
    this.shadowRoot?.replaceChildren(root);
    if (!this.token) root.append(notice("key", texts.of("noToken"), texts.of("noTokenText")));
    else if (this.#isExpired) root.append(this.#expiredNotice(texts));
    else root.append(...this.#log(texts));
  }

  /** @param {Texts} texts */
  #log(texts) {
    this.#views = views(texts, {
      ask: (path, query, signal) => ask(this.server, this.#keeper, path, query, signal),
      failed: (error) => this.#failed(error),
      focused: () => /** @type {HTMLElement | null} */ (this.shadowRoot?.activeElement ?? null),
    });
    return this.#views.nodes;
  }

  /** @param {Texts} texts */
  #expiredNotice(texts) {
    const retry = el("button", { type: "button", class: "button", onclick: () => this.#begin() }, texts.of("retry"));
    return notice("alert", texts.of("ended"), texts.of("endedText"), this.#refresh ? retry : null);
  }
}

/** @param {Element} element @param {string} name @param {string | null | undefined} value */
function reflect(element, name, value) {
  if (value == null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

if (!customElements.get("audit-log-viewer")) customElements.define("audit-log-viewer", AuditLogViewer);
