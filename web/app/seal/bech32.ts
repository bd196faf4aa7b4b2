/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A secret key of age as text: Bech32 of BIP 173, in capitals. src/seal/bech32.c reads it. */

const LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;
const CHECK_LETTERS = 6;
const PREFIX = "age-secret-key-";

/** The remainder that the checksum is made of; in 30 bits. */
function remainderOf(values: readonly number[]): number {
  let remainder = 1;
  for (const value of values) {
    const top = remainder >>> 25;
    remainder = ((remainder & 0x1ffffff) << 5) ^ value;
    GENERATORS.forEach((generator, bit) => {
      remainder ^= (top >> bit) & 1 ? generator : 0;
    });
  }
  return remainder;
}

/** Bytes as groups of five bits; the last one is filled with zeros. */
function inFives(bytes: Uint8Array): number[] {
  const fives: number[] = [];
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) {
      fives.push((held >> (bits - 5)) & 31);
    }
  }
  if (bits > 0) {
    fives.push((held << (5 - bits)) & 31);
  }
  return fives;
}

function codesOf(text: string): number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}

/** "AGE-SECRET-KEY-1…" of 32 bytes. */
export function identityText(secret: Uint8Array): string {
  const data = inFives(secret);
  const codes = codesOf(PREFIX);
  const before = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
  const check = remainderOf([...before, ...data, ...Array<number>(CHECK_LETTERS).fill(0)]) ^ 1;
  const sum = Array.from({ length: CHECK_LETTERS }, (_, index) => (check >> (5 * (CHECK_LETTERS - 1 - index))) & 31);
  return `${PREFIX}1${[...data, ...sum].map((five) => LETTERS[five]).join("")}`.toUpperCase();
}
