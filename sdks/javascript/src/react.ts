"use client";
// The embeddable viewer as a React component. The viewer itself is the server's /viewer.js; here it is loaded, and given its properties.
import { createElement, useEffect, useRef, type HTMLAttributes, type ReactElement } from "react";

export interface AuditLogViewerProps extends Omit<HTMLAttributes<HTMLElement>, "children"> {
  /** Where the log is: https://audit.example.com. */
  server: string;
  /** A viewer token. One that `refreshToken` answered later stays, until this property changes. */
  token?: string;
  /** Answers a new token, before the old one ends and whenever the server refuses it. */
  refreshToken?: () => Promise<string>;
  theme?: "light" | "dark" | "auto";
  /** A language tag; by default the page's, else the browser's. */
  locale?: string;
  /** Own texts in place of the built-in ones, and `actions`: what each action is called. */
  texts?: Record<string, unknown>;
  /** Where the viewer's file is; by default the server's own. `false`: the page loads it by itself. */
  src?: string | false;
  onTokenExpiring?: (expiresAt: Date) => void;
  onTokenExpired?: () => void;
}

type Viewer = HTMLElement & Pick<AuditLogViewerProps, "token" | "refreshToken" | "texts">;

/** A part of a log, as far as the token covers it. */
export function AuditLogViewer(props: AuditLogViewerProps): ReactElement {
  const { server, token, refreshToken, theme, locale, texts, src, onTokenExpiring, onTokenExpired, className, ...rest } = props;
  const ref = useRef<Viewer>(null);
  const latest = useRef(props);
  latest.current = props;
  const file = src ?? `${server.replace(/\/$/, "")}/viewer.js`;
  const own = JSON.stringify(texts); // an object that is written in the page's own markup is another one at each rendering

  useEffect(() => {
    if (file !== false) load(file);
  }, [file]);
  useEffect(() => {
    if (ref.current) ref.current.token = token;
  }, [token]);
  useEffect(() => {
    if (ref.current) ref.current.texts = own === undefined ? undefined : JSON.parse(own);
  }, [own]);
  const asks = refreshToken !== undefined;
  useEffect(() => {
    // Asked as it is then, not as it was when the viewer came.
    if (ref.current) ref.current.refreshToken = asks ? () => latest.current.refreshToken!() : undefined;
  }, [asks]);
  useEffect(() => {
    const viewer = ref.current;
    const expiring = (event: Event) => latest.current.onTokenExpiring?.((event as CustomEvent<{ expiresAt: Date }>).detail.expiresAt);
    const expired = () => latest.current.onTokenExpired?.();
    viewer?.addEventListener("audit-log-token-expiring", expiring);
    viewer?.addEventListener("audit-log-token-expired", expired);
    return () => {
      viewer?.removeEventListener("audit-log-token-expiring", expiring);
      viewer?.removeEventListener("audit-log-token-expired", expired);
    };
  }, []);

  return createElement("audit-log-viewer", { ...rest, class: className, server, theme, locale, ref });
}

const loaded = new Set<string>();

/** Adds the viewer's file to the page, once. */
function load(address: string): void {
  if (loaded.has(address) || customElements.get("audit-log-viewer")) return;
  loaded.add(address);
  const script = document.createElement("script");
  script.type = "module";
  script.src = trusted(address);
  script.onerror = () => loaded.delete(address);
  document.head.append(script);
}

type Policy = { createScriptURL(address: string): string };
let policy: Policy | undefined;

/** The address as pages with Trusted Types take it; their Content-Security-Policy has to name the policy `getimmutable`. */
function trusted(address: string): string {
  const types = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }).trustedTypes;
  policy ??= types?.createPolicy("getimmutable", { createScriptURL: (given) => given });
  return policy?.createScriptURL(address) ?? address;
}
