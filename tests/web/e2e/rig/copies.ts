// SPDX-License-Identifier: GPL-3.0-or-later
// What must hold of every copy that a browser saved.
import { passesVerify } from "./native.ts";
import { SECRET } from "./fixtures.ts";
import { check } from "./tap.ts";
import type { Copy } from "./studio.ts";

const NEUTRAL = /^[a-z0-9-]+\.[a-z0-9]+$/;

export async function isFit({ path, name, bytes }: Copy, extension: string): Promise<void> {
  check(NEUTRAL.test(name) && name.endsWith(`.${extension}`), `the copy is named ${name}`);
  check(!bytes.includes(SECRET), "the copy holds the marker of the original");
  await passesVerify(path);
}

export function sameBytes(got: Buffer, wanted: Buffer, what: string): void {
  if (got.equals(wanted)) return;
  let at = 0;
  while (at < got.length && got[at] === wanted[at]) at++;
  check(false, `${what}: ${got.length} bytes instead of ${wanted.length}, first different at ${at}`);
}
