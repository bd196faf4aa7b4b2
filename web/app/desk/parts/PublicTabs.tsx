// SPDX-License-Identifier: GPL-3.0-or-later
// The pages about what is public stand beside each other.
import { addressOf, place } from "../route.ts";
import { words } from "../speech.ts";

export function PublicTabs() {
  const { sharing } = words();
  const tabs: readonly (readonly [string, string])[] = [
    ["public", sharing.published],
    ["albums", sharing.albums],
    ["asked", sharing.asked],
    ["shares", sharing.shares],
  ];
  return (
    <nav class="tabs" aria-label={sharing.tabs}>
      {tabs.map(([page, name]) => (
        <a key={page} href={addressOf(page)} aria-current={place.value.page === page ? "page" : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}
