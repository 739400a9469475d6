/**
 * Checks proofs of the log offline: what is signed, that an event is in it, that a later tree goes on from an earlier one (RFC 9162), so that
 * nothing of it rests on the server's word. Keep a checkpoint and the verifier key where the server's operator cannot reach them.
 */
import { platform } from "#platform";
import { toHex } from "./idempotency.js";

/** A proof, a checkpoint or a key does not show what it should; the message says what is wrong. */
export class ProofError extends Error {
  override readonly name = "ProofError";
}

/** What was signed of a log: its first `size` events have the Merkle root `root`, in hexadecimal. */
export interface Checkpoint {
  origin: string;
  size: number;
  root: string;
}

const HASH = /^[0-9a-f]{64}$/;
const SIZE = /^(0|[1-9][0-9]{0,14})$/;
const MOST_HASHES = 63;
const ED25519 = 1;
const DASH = "\u2014 ";

/** The leaf of an event in the tree, of the event's hash; all in hexadecimal. */
export function leafHash(eventHash: string): Promise<string> {
  return sha256(`00${eventHash}`);
}

/** The node above two others. */
export function nodeHash(left: string, right: string): Promise<string> {
  return sha256(`01${left}${right}`);
}

/** Read a checkpoint out of its signed note. It says nothing of who signed it: see `verifyCheckpoint`. Throws ProofError. */
export function parseCheckpoint(note: string): Checkpoint {
  const [origin, size, root, ...more] = split(note).text.split("\n");
  if (!origin || !SIZE.test(size ?? "") || !root || more.length === 0 || more.slice(0, -1).includes("")) {
    throw new ProofError("A checkpoint has an origin, a size and a root, each on a line of its own");
  }
  return { origin, size: Number(size), root: checked(toHex(decoded(root))) };
}

/** Read a checkpoint that this key signed (`name+id+base64`, as `getSigningKeys` shows it). Throws ProofError. */
export async function verifyCheckpoint(note: string, verifierKey: string): Promise<Checkpoint> {
  const key = await parsedKey(verifierKey);
  const { text, lines } = split(note);
  const signatures = lines.map((line) => {
    const end = line.lastIndexOf(" ");
    const bytes = decoded(line.slice(end + 1));
    const isOfKey = line.slice(0, Math.max(0, end)) === DASH + key.name && toHex(bytes.slice(0, 4)) === key.id;
    return { isOfKey, signature: bytes.slice(4) };
  });
  const found = signatures.find((one) => one.isOfKey);
  if (found === undefined) throw new ProofError(`The key ${key.name} did not sign this checkpoint`);
  const message = new TextEncoder().encode(text);
  if (found.signature.length !== 64 || !(await platform.verifyEd25519(key.bytes, found.signature, message))) {
    throw new ProofError(`The signature of ${key.name} is wrong: the checkpoint was altered`);
  }
  const checkpoint = parseCheckpoint(note);
  if (checkpoint.origin !== key.name) throw new ProofError(`The key ${key.name} is not that of the log ${checkpoint.origin}`);
  return checkpoint;
}

/** Check what `getInclusionProof` answered under `data`, for an event whose hash you hold (a receipt has it). Throws ProofError. */
export async function checkInclusion(answer: { sequence: number; hashes: string[] }, eventHash: string, checkpoint: Checkpoint): Promise<void> {
  const { sequence, hashes } = answer;
  if (!Number.isSafeInteger(sequence) || sequence < 1 || sequence > checkpoint.size) {
    throw new ProofError(`There is no event ${sequence} in a checkpoint of ${checkpoint.size}`);
  }
  checkForm(hashes);
  const { whole } = await climb(sequence - 1, checkpoint.size - 1, await leafHash(checked(eventHash)), hashes);
  if (whole !== checkpoint.root) throw new ProofError("The proof does not lead to the checkpoint: the event is not in it as it is here");
}

/** Check what `getConsistencyProof` answered under `data`: the log of `later` begins with all that `earlier` covers. Throws ProofError. */
export async function checkConsistency(answer: { hashes: string[] }, earlier: Checkpoint, later: Checkpoint): Promise<void> {
  if (earlier.origin !== later.origin) throw new ProofError(`These are two logs: ${earlier.origin} and ${later.origin}`);
  if (!(earlier.size >= 1 && earlier.size <= later.size)) {
    throw new ProofError(`A log of ${later.size} events does not go on from one of ${earlier.size}`);
  }
  const { hashes } = answer;
  checkForm(hashes);
  const rewritten = "The proof does not lead to both checkpoints: the log was rewritten";
  if (earlier.size === later.size) {
    if (hashes.length > 0 || earlier.root !== later.root) throw new ProofError(rewritten);
    return;
  }
  let [place, last] = [earlier.size - 1, later.size - 1];
  while (place % 2 === 1) [place, last] = [half(place), half(last)];
  // A tree that is full on its left is a node of the larger one; the proof does not repeat it.
  const [first, ...rest] = place === 0 ? [checked(earlier.root), ...hashes] : hashes;
  if (first === undefined) throw new ProofError("The proof is empty");
  const { left, whole } = await climb(place, last, first, rest);
  if (left !== earlier.root || whole !== later.root) throw new ProofError(rewritten);
}

/** From a node up: `whole` is the root of all, `left` that of what lies at the node and left of it. */
async function climb(place: number, last: number, node: string, hashes: string[]): Promise<{ left: string; whole: string }> {
  let [left, whole] = [node, node];
  for (const one of hashes) {
    if (last === 0) throw new ProofError("The proof is too long");
    if (place % 2 === 1 || place === last) {
      [left, whole] = [await nodeHash(one, left), await nodeHash(one, whole)];
      while (place % 2 === 0 && place > 0) [place, last] = [half(place), half(last)];
    } else {
      whole = await nodeHash(whole, one);
    }
    [place, last] = [half(place), half(last)];
  }
  if (last !== 0) throw new ProofError("The proof is too short");
  return { left, whole };
}

function half(number: number): number {
  return Math.floor(number / 2);
}

function split(note: string): { text: string; lines: string[] } {
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n") || end + 2 === note.length) {
    throw new ProofError("This is no signed note: a text, an empty line and signatures");
  }
  return { text: note.slice(0, end + 1), lines: note.slice(end + 2, -1).split("\n") };
}

async function parsedKey(text: string): Promise<{ name: string; id: string; bytes: Uint8Array }> {
  const [, name = "", id, encoded = ""] = /^([^+]*)\+([^+]*)\+(.*)$/s.exec(text.trim()) ?? [];
  const key = decoded(encoded);
  if (name === "" || key.length !== 33 || key[0] !== ED25519) {
    throw new ProofError("A verifier key is written name+id+base64, of an Ed25519 key");
  }
  const named = toHex(new TextEncoder().encode(`${name}\n`)) + toHex(key);
  if ((await sha256(named)).slice(0, 8) !== id) {
    throw new ProofError("The verifier key's id is not that of its key: was it copied whole?");
  }
  return { name, id, bytes: key.slice(1) };
}

function decoded(text: string): Uint8Array {
  try {
    const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
    if (bytes.length > 0 && btoa(String.fromCharCode(...bytes)) === text) return bytes;
  } catch {
    // said below
  }
  throw new ProofError("A root, key or signature is not written in base64");
}

function checkForm(hashes: string[]): void {
  if (!Array.isArray(hashes) || hashes.length > MOST_HASHES) throw new ProofError(`The proof is not made of at most ${MOST_HASHES} hashes`);
  hashes.forEach(checked);
}

function checked(hash: string): string {
  if (!HASH.test(hash)) throw new ProofError("A hash is not written as 64 lower-case hexadecimal digits");
  return hash;
}

async function sha256(hex: string): Promise<string> {
  return toHex(await platform.sha256(Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16))));
}
