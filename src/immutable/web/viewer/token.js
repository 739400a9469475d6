/** The viewer's token: when it ends, and how a new one is had before. What it lets see, the server decides; here it is only read. */

const MOST_LEAD_SECONDS = 60;
const RETRY_SECONDS = 5;

/** @param {string} token @returns {{exp?: number, iat?: number, ws?: string, scope?: object}} */
function claims(token) {
  try {
    const text = atob((token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/"));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (c) => c.charCodeAt(0)))) ?? {};
  } catch {
    return {};
  }
}

export class TokenKeeper {
  value = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  /** @type {Promise<boolean> | null} */ #asking = null;

  /**
   * @param {(expiresAt: Date) => Promise<void>} ask the page for a new one, which comes through `take`
   * @param {() => void} ended the token has ended by this clock
   */
  constructor(ask, ended) {
    this.ask = ask;
    this.ended = ended;
  }

  /** Takes a token. @param {string} token @returns {boolean} whether it shows the same as the one before */
  take(token) {
    const [before, now] = [claims(this.value), claims(token)];
    const isSame = this.value !== "" && JSON.stringify([before.ws, before.scope]) === JSON.stringify([now.ws, now.scope]);
    this.value = token;
    this.plan();
    return isSame;
  }

  /** Stops the clock. */
  rest() {
    clearTimeout(this.#timer);
  }

  /** Asks for a new token, once however many wait for it. @returns {Promise<boolean>} whether one came */
  renew() {
    this.#asking ??= this.#renew().finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #renew() {
    const before = this.value;
    try {
      await this.ask(this.#end());
    } catch (error) {
      console.warn("audit-log-viewer: the new token did not come.", error);
    }
    return this.value !== before;
  }

  #end() {
    return new Date((claims(this.value).exp ?? 0) * 1000);
  }

  /** Starts the clock. */
  plan() {
    this.rest();
    const { exp = 0, iat = 0 } = claims(this.value);
    const left = exp - Date.now() / 1000; // with a clock that is wrong, the server's 401 asks for the new one
    if (left > 0) this.#wait(left - Math.min(MOST_LEAD_SECONDS, (exp - iat) * 0.2), left);
  }

  /** @param {number} seconds until the next try @param {number} left until the end */
  #wait(seconds, left) {
    this.#timer = setTimeout(
      async () => {
        const token = this.value;
        if ((await this.renew()) || this.value !== token) return;
        const rest = Math.min(left - seconds, this.#end().getTime() / 1000 - Date.now() / 1000);
        if (rest <= 0) this.ended();
        else this.#wait(Math.min(RETRY_SECONDS, rest), rest);
      },
      Math.max(0, seconds) * 1000,
    );
  }
}
