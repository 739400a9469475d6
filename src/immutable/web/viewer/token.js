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
  #hasFailed = false;
  #round = 0;

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
    this.#round += 1;
  }

  /** Asks for a new token, once however many wait for it. @returns {Promise<boolean>} whether one came */
  renew() {
    this.#asking ??= this.#renew().finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #renew() {
    const before = this.value;
    this.#hasFailed = false;
    try {
      await this.ask(this.#end());
    } catch (error) {
      this.#hasFailed = true;
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
    const round = this.#round;
    this.#timer = setTimeout(async () => {
      if (seconds >= left) return this.ended();
      if ((await this.renew()) || this.#round !== round) return;
      const rest = Math.max(0, this.#end().getTime() - Date.now()) / 1000;
      this.#wait(this.#hasFailed ? Math.min(RETRY_SECONDS, rest) : rest, rest); // who has no answer is not asked again and again
    }, seconds * 1000);
  }
}
