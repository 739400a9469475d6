/** Sends requests with `fetch`, which keeps connections open, and again where that can do no harm. */
import { platform } from "#platform";
import { ImmutableError } from "./errors.js";
import type { ApiRequest } from "./request.js";
import { delayOf, type RetryPolicy } from "./retry.js";

/** What one attempt came to. */
export type Outcome = { data: object } | { error: ImmutableError; mayRetry: boolean };

/** How long the answer to a download may take to begin: the server makes an evidence pack before it sends any of it. */
const DOWNLOAD_MS = 60_000;
const NOT_SENT = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused|FailedToOpenSocket/;

export interface Destination {
  apiKey: string;
  baseUrl: string;
  timeoutMs: number;
  fetch: typeof fetch;
  onRetry: () => void;
}

export class Transport {
  private readonly baseUrl: string;

  constructor(private readonly destination: Destination) {
    this.baseUrl = checked(destination);
  }

  /** Send, and again as the policy says. Throws ImmutableError. */
  async send<T>(request: ApiRequest, retry: RetryPolicy): Promise<T> {
    const started = Date.now();
    for (let retriesDone = 0; ; retriesDone++) {
      const outcome = await this.attempt(request);
      if ("data" in outcome) return outcome.data as T;
      const delay = outcome.mayRetry ? delayOf(retry, retriesDone, Date.now() - started, outcome.error.retryAfter) : undefined;
      if (delay === undefined) throw outcome.error;
      this.destination.onRetry();
      await new Promise((done) => setTimeout(done, delay));
    }
  }

  /** Send once. Throws nothing that the network or the server can cause. */
  async attempt(request: ApiRequest): Promise<Outcome> {
    const timeoutMs = request.isFile ? Math.max(this.destination.timeoutMs, DOWNLOAD_MS) : this.destination.timeoutMs;
    const accept = request.isFile ? "*/*" : "application/json";
    const headers: Record<string, string> = { Authorization: `Bearer ${this.destination.apiKey}`, Accept: accept };
    if (request.body !== undefined) headers["Content-Type"] = "application/json";
    if (platform.userAgent !== undefined) headers["User-Agent"] = platform.userAgent;
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), timeoutMs);
    try {
      const init = { method: request.method, headers, body: request.body, signal: controller.signal, redirect: "manual" as const };
      // `cache` is what keeps Next.js, which replaces fetch, from answering out of its own store.
      const response = await this.destination.fetch(`${this.baseUrl}/api${request.path}`, { ...init, cache: "no-store" });
      if (request.isFile && response.ok) return { data: response };
      return outcomeOf(response.status, response.headers, await response.text(), request);
    } catch (error) {
      const told = controller.signal.aborted ? "Request timed out" : reason(error);
      return { error: new ImmutableError(told, 0), mayRetry: request.repeatable || NOT_SENT.test(reason(error)) };
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The base URL without a slash at its end. Throws TypeError for an address or a key that cannot work. */
function checked({ apiKey, baseUrl, timeoutMs }: Destination): string {
  let url: URL;
  try {
    url = new URL(baseUrl);
  } catch {
    throw new TypeError("baseUrl is no address");
  }
  if (!/^https?:$/.test(url.protocol) || url.search || url.hash) {
    throw new TypeError("baseUrl must be http:// or https://, the server's name, and at most a path");
  }
  if (typeof apiKey !== "string" || !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new TypeError("apiKey is missing, or holds characters that no key has; is it whole, and nothing but the key?");
  }
  if (!(timeoutMs > 0)) throw new TypeError("timeout is in milliseconds, and more than 0");
  return url.href.replace(/\/+$/, "");
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = (error.cause ?? {}) as { code?: string; message?: string };
  const code = cause.code ?? (error as { code?: string }).code;
  return [error.message, code, cause.message].filter(Boolean).join(": ");
}

function outcomeOf(status: number, headers: Headers, text: string, request: ApiRequest): Outcome {
  const data = parsed(text);
  if (status >= 200 && status < 300 && data !== undefined) return { data };
  const code = [data?.["error"], data?.["message"]].find((one) => typeof one === "string" && one !== "");
  const error = new ImmutableError((code as string | undefined) ?? withoutWords(status), status, data ?? {}, secondsOf(headers));
  return { error, mayRetry: status === 429 || status === 503 || (request.repeatable && (status === 502 || status === 504)) };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const data: unknown = JSON.parse(text);
    return typeof data === "object" && data !== null && !Array.isArray(data) ? (data as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function withoutWords(status: number): string {
  if (status >= 400) return `HTTP ${status}`;
  if (status >= 300 || status === 0) return `HTTP ${status}: the server redirects; give its final address as baseUrl`;
  return `HTTP ${status}, but the answer is not the API's JSON; is baseUrl the address of an Immutable server?`;
}

/** The seconds to wait that `Retry-After` asks for, given as a number or as a date. */
function secondsOf(headers: Headers): number | undefined {
  const text = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const then = text ? Date.parse(text) : NaN;
  return Number.isNaN(then) ? undefined : Math.max(0, (then - Date.now()) / 1000);
}
