/**
 * Is a release's signature the vault's? Checked in the page, by the browser's own cryptography.
 *
 * - DSSE: the signature is over payload type and payload; the payload holds the statement.
 * - What is shown must be what was signed: the statement is compared with the one inside the payload.
 */

export type Verdict = 'valid' | 'invalid' | 'unknown';

interface IEnvelope {
  payload: string;
  payloadType: string;
  signatures: { sig: string }[];
}

/** `unknown` where the browser cannot check Ed25519 or there is no envelope. */
export async function checkSignature(statement: unknown, envelope: unknown, publicKey: string): Promise<Verdict> {
  const sealed = asEnvelope(envelope);
  if (!sealed || typeof crypto === 'undefined' || !crypto.subtle) {
    return 'unknown';
  }
  const payload = decode(sealed.payload);
  const signed = preAuthenticationEncoding(sealed.payloadType, payload);
  let key: CryptoKey;
  try {
    key = await crypto.subtle.importKey('raw', decode(publicKey), 'Ed25519', false, ['verify']);
  } catch {
    return 'unknown';
  }
  for (const { sig } of sealed.signatures) {
    if (await crypto.subtle.verify('Ed25519', key, decode(sig), signed)) {
      const { predicate } = JSON.parse(new TextDecoder().decode(payload)) as { predicate?: unknown };
      return same(predicate, statement) ? 'valid' : 'invalid';
    }
  }
  return 'invalid';
}

function asEnvelope(value: unknown): IEnvelope | null {
  const { payload, payloadType, signatures } = (value ?? {}) as Partial<IEnvelope>;
  const whole = typeof payload === 'string' && typeof payloadType === 'string' && Array.isArray(signatures);
  return whole && signatures.every(one => typeof one?.sig === 'string') ? { payload, payloadType, signatures } : null;
}

export function preAuthenticationEncoding(type: string, payload: Uint8Array): Uint8Array {
  const kind = new TextEncoder().encode(type);
  const head = new TextEncoder().encode(`DSSEv1 ${kind.length} ${type} ${payload.length} `);
  const joined = new Uint8Array(head.length + payload.length);
  joined.set(head);
  joined.set(payload, head.length);
  return joined;
}

function decode(text: string): Uint8Array {
  return Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
}

/** Equal as JSON values, whatever the order of the keys. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b || typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return a === b;
  }
  if (Array.isArray(a) !== Array.isArray(b)) {
    return false;
  }
  const names = Object.keys(a);
  const other = b as Record<string, unknown>;
  return names.length === Object.keys(b).length && names.every(name => name in other && same((a as Record<string, unknown>)[name], other[name]));
}
