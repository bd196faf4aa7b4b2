// SPDX-License-Identifier: GPL-3.0-or-later
// What can this browser show? Formats that all of them know are not tried.

const KNOWN: ReadonlySet<string> = new Set(["jpeg", "png", "gif", "webp", "bmp"]);
const tried = new Map<string, boolean>();

/** @param blob a picture of `format`, a name of the core's registry. */
export async function canShow(format: string, blob: Blob): Promise<boolean> {
  const before = tried.get(format);
  if (KNOWN.has(format) || before !== undefined) {
    return before ?? true;
  }
  const url = URL.createObjectURL(blob);
  const image = new Image();
  image.src = url;
  const shows = await image.decode().then(
    () => true,
    () => false,
  );
  URL.revokeObjectURL(url);
  tried.set(format, shows);
  return shows;
}
