// SPDX-License-Identifier: GPL-3.0-or-later
// What of the queue is shown. All of it stands in the address behind the "#", so that "back" goes back to it.
import { useId } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { askAgain } from "../route.ts";
import { words } from "../speech.ts";
import { rows } from "../state/queue.ts";

type AskedText = Readonly<Record<string, string>>;

/** Those of the categories that are there already, and the one that is asked for. */
function categories(asked: AskedText): string[] {
  const seen = new Set(rows.value.flatMap(({ category }) => (category === null ? [] : [category])));
  if (asked["category"]) {
    seen.add(asked["category"]);
  }
  return [...seen].sort();
}

function Choice({ label, children, value, onValue }: { label: string; children: ComponentChildren; value: string; onValue(value: string): void }) {
  const id = useId();
  return (
    <div class="filter">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onValue(event.currentTarget.value)}>
        {children}
      </select>
    </div>
  );
}

function Day({ label, value, onValue }: { label: string; value: string; onValue(value: string): void }) {
  const id = useId();
  return (
    <div class="filter">
      <label for={id}>{label}</label>
      <input id={id} type="date" value={value} onChange={(event) => onValue(event.currentTarget.value)} />
    </div>
  );
}

export function Filters({ asked }: { asked: AskedText }) {
  const { filters, kinds } = words();
  const set = (name: string) => (value: string) => askAgain({ ...asked, [name]: value });
  const some = ["category", "kind", "first", "last", "claimed"].some((name) => asked[name]);
  return (
    <details class="filters" open={some || undefined}>
      <summary>{filters.label}</summary>
      <div class="filters-in">
        <Choice label={filters.category} value={asked["category"] ?? ""} onValue={set("category")}>
          <option value="">{filters.anyCategory}</option>
          {categories(asked).map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </Choice>
        <Choice label={filters.kind} value={asked["kind"] ?? ""} onValue={set("kind")}>
          <option value="">{filters.anyKind}</option>
          <option value="still">{filters.still}</option>
          <option value="animation">{filters.animation}</option>
          <option value="video">{filters.video}</option>
          <option value="words">{kinds.words}</option>
          <option value="original">{kinds.original}</option>
          <option value="unscrubbed">{kinds.unscrubbed}</option>
          <option value="device">{kinds.device}</option>
        </Choice>
        <Day label={filters.first} value={asked["first"] ?? ""} onValue={set("first")} />
        <Day label={filters.last} value={asked["last"] ?? ""} onValue={set("last")} />
        <Choice label={filters.claimed} value={asked["claimed"] ?? ""} onValue={set("claimed")}>
          <option value="">{filters.anybody}</option>
          <option value="me">{filters.byMe}</option>
          <option value="nobody">{filters.byNobody}</option>
        </Choice>
        {some && (
          <button type="button" class="plain" onClick={() => askAgain(asked["view"] ? { view: asked["view"] } : {})}>
            {filters.clear}
          </button>
        )}
      </div>
    </details>
  );
}
