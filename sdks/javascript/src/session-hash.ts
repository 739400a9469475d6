/** What is sent in place of a session id that was captured automatically, as that is a secret: who reads it could take over the session. */
import { platform } from "#platform";
import { toHex } from "./idempotency.js";

/** The same in all our SDKs, so that application logs and the audit log can be joined. */
export async function sessionHash(id: string, secret: string): Promise<string> {
  return `sh_${toHex(await platform.hmacSha256(secret, `immutable:session:v1\n${id}`)).slice(0, 32)}`;
}
