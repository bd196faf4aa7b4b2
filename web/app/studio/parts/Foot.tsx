// SPDX-License-Identifier: GPL-3.0-or-later
// What this page is, by what it can be checked, and the way to remove it.
import { signal } from "@preact/signals";
import { checking, remover, removing } from "../state/notices.ts";
import { words } from "../speech.ts";

const digest = signal<string | null>(null);

/** Reads what the build says of itself. */
export async function readDigest(): Promise<void> {
  const answer = await fetch(`${import.meta.env.BASE_URL}bundle.json`);
  const bundle: unknown = answer.ok ? await answer.json() : null;
  if (typeof bundle === "object" && bundle !== null && "digest" in bundle && typeof bundle.digest === "string") {
    digest.value = bundle.digest;
  }
}

export function Foot() {
  const { foot, check, device } = words();
  return (
    <footer class="foot">
      <h2 class="hidden">{foot.heading}</h2>
      <p>{foot.never}</p>
      <p>
        {foot.digest}:{" "}
        <bdi class="mono digest" dir="ltr">
          {digest.value ?? foot.digestUnknown}
        </bdi>
        <br />
        {foot.trust}
      </p>
      <p class="foot-links">
        <button type="button" class="link" onClick={() => (checking.value = true)}>
          {check.heading}
        </button>
        {remover.value !== null && (
          <button type="button" class="link" onClick={() => (removing.value = true)}>
            {device.remove}
          </button>
        )}
        <span>{foot.licence}</span>
      </p>
    </footer>
  );
}
