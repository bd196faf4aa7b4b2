/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A link whose key stands behind "#" of its address, which no browser sends: a key for one file, and that file with a head
 * that says where its padding begins. Nothing here knows of browsers. */
import { identityText } from "./bech32.ts";

export const SECRET_BYTES = 32;
const SECRET_LETTERS = 43;

/* The head of what is sealed: eight letters, then the length of the file. */
const MARK = "OSKLINK1";
export const HEAD_BYTES = 16;

/** base64url without filling: what an address may hold. */
export function secretLetters(secret: Uint8Array): string {
  return btoa(String.fromCharCode(...secret)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Of the part of an address behind "#", with or without that; null for what is no key: cut off, or of another page. */
export function readSecret(fragment: string): Uint8Array<ArrayBuffer> | null {
  const letters = fragment.replace(/^#/, "");
  if (letters.length !== SECRET_LETTERS || !/^[A-Za-z0-9_-]*$/.test(letters)) {
    return null;
  }
  const secret = Uint8Array.from(atob(letters.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  return secretLetters(secret) === letters ? secret : null;
}

/** Words of somebody who reports a link: without the keys of addresses that were pasted into them, and without this page's own.
 * @param fragment what stands behind "#" of the page's address */
export function withoutSecrets(text: string, fragment: string): string {
  const own = fragment.replace(/^#/, "");
  const rest = text.replace(/(?:#|%23)[A-Za-z0-9_-]{20,}/g, "");
  return own.length < SECRET_LETTERS / 2 ? rest : rest.replaceAll(own, "");
}

/** The key file of this secret, as `age-keygen` writes one. */
export function keyFileOf(secret: Uint8Array): Blob {
  return new Blob([`${identityText(secret)}\n`]);
}

/** What is sealed of a file. */
export function withHead(file: Blob): Blob {
  const head = new Uint8Array(HEAD_BYTES);
  head.set(new TextEncoder().encode(MARK));
  new DataView(head.buffer).setBigUint64(MARK.length, BigInt(file.size), true);
  return new Blob([head, file]);
}

/** The file of what was opened, as bytes of no type; null for what no page of ours has sealed. */
export async function withoutHead(opened: Blob): Promise<Blob | null> {
  const head = new Uint8Array(await opened.slice(0, HEAD_BYTES).arrayBuffer());
  if (head.length < HEAD_BYTES || new TextDecoder().decode(head.subarray(0, MARK.length)) !== MARK) {
    return null;
  }
  const size = new DataView(head.buffer).getBigUint64(MARK.length, true);
  if (size === 0n || size > BigInt(opened.size - HEAD_BYTES)) {
    return null;
  }
  return opened.slice(HEAD_BYTES, HEAD_BYTES + Number(size));
}
