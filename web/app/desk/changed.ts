// SPDX-License-Identifier: GPL-3.0-or-later
// What somebody has changed of what a form showed.

/** Of `now` what is not as in `before`; null: nothing. Nothing else is sent: it may have been changed elsewhere since. */
export function changedOf<T extends Readonly<Record<string, string>>>(before: T, now: T): Partial<T> | null {
  const changed = Object.entries(now).filter(([name, value]) => before[name] !== value);
  return changed.length > 0 ? (Object.fromEntries(changed) as Partial<T>) : null;
}
