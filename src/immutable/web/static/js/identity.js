/** Who uses this tab: somebody with an API key, or a member who is signed in, in one of their workspaces. */
import { key } from "./key.js";
import { prefer, preferred } from "./preference.js";

/** @typedef {{id: string, name: string, role: string, is_administration: boolean, scopes: string[]}} Workspace */
/**
 * @typedef {object} Account
 * @property {string} id
 * @property {string} email
 * @property {string} name
 * @property {boolean} has_password
 * @property {boolean} has_totp
 * @property {number} recovery_codes_left
 * @property {string} session_id
 * @property {Workspace[]} workspaces
 */

/** @type {Account | null} */
let account = null;

// That there may be a session; the session itself is in a cookie that no script can read.
const HINT = "member";

export const identity = {
  /** @returns {Account | null} the member who is signed in; null where a key is used, or nobody is known */
  member: () => (key.get() ? null : account),
  isKnown: () => !!key.get() || !!account,
  mayBeMember: () => !key.get() && preferred(HINT, "") === "yes",
  /** @param {Account} found */
  keep(found) {
    account = found;
    key.forget();
    prefer(HINT, "yes");
  },
  forget() {
    account = null;
    key.forget();
    prefer(HINT, "");
  },
  /** @returns {Workspace | null} where the member looks now */
  workspace() {
    if (!account || key.get()) return null;
    const all = account.workspaces;
    return all.find(({ id }) => id === chosen()) ?? all.find((one) => !one.is_administration) ?? all[0] ?? null;
  },
  /** @param {string} id */
  choose(id) {
    sessionStorage.setItem("immutable.workspace", id);
    prefer("workspace", id);
  },
  /** @returns {string | null} the name of the workspace that is looked at, as far as it is known */
  place: () => identity.workspace()?.name ?? key.access()?.workspace_name ?? null,
  /**
   * Whether it is worth offering what asks for a scope: as long as nothing is known, the server says it.
   * @param {"ingest" | "admin"} scope
   */
  may: (scope) => (identity.workspace()?.scopes ?? key.access()?.scopes)?.includes(scope) ?? true,
  /** @returns {boolean} whether the member may administer the workspace that they look at */
  administers: () => !!identity.member() && identity.may("admin"),
  /** @returns {boolean} whether the member owns the whole installation */
  ownsAll: () => !!account?.workspaces.some((one) => one.is_administration && one.role === "owner"),
  /** @returns {Record<string, string>} what lets a request in */
  headers() {
    const secret = key.get();
    if (secret) return { Authorization: `Bearer ${secret}` };
    const workspace = identity.workspace();
    return { "Immutable-Desk": "1", ...(workspace && { "Immutable-Workspace": workspace.id }) };
  },
};

// A tab stays where it is, whatever is chosen in another; a new tab begins where one last was.
const chosen = () => sessionStorage.getItem("immutable.workspace") ?? preferred("workspace", "");
