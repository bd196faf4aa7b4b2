// SPDX-License-Identifier: GPL-3.0-or-later
// What of the queue is shown. All of it stands in the address behind the "#", so that "back" goes back to it.
import { useId, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { askAgain } from "../route.ts";
import { words } from "../speech.ts";
import { categories } from "../state/queue.ts";

type AskedText = Readonly<Record<string, string>>;

export function Choice({ label, children, value, onValue }: { label: string; children: ComponentChildren; value: string; onValue(value: string): void }) {
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

export function Day({ label, value, onValue }: { label: string; value: string; onValue(value: string): void }) {
  const id = useId();
  return (
    <div class="filter">
      <label for={id}>{label}</label>
      <input id={id} type="date" value={value} onChange={(event) => onValue(event.currentTarget.value)} />
    </div>
  );
}

interface Chosen {
  value: string;
  onValue(value: string): void;
}

export function CategoryChoice({ value, onValue }: Chosen) {
  const { filters } = words();
  /* An address may ask for one that is gone. */
  const known = value === "" || categories.value.includes(value) ? categories.value : [...categories.value, value];
  return (
    <Choice label={filters.category} value={value} onValue={onValue}>
      <option value="">{filters.anyCategory}</option>
      {known.map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </Choice>
  );
}

export function KindChoice({ value, onValue }: Chosen) {
  const { filters, kinds } = words();
  return (
    <Choice label={filters.kind} value={value} onValue={onValue}>
      <option value="">{filters.anyKind}</option>
      <option value="still">{filters.still}</option>
      <option value="animation">{filters.animation}</option>
      <option value="video">{filters.video}</option>
      <option value="words">{kinds.words}</option>
      <option value="original">{kinds.original}</option>
      <option value="unscrubbed">{kinds.unscrubbed}</option>
      <option value="device">{kinds.device}</option>
    </Choice>
  );
}

export function Filters({ asked }: { asked: AskedText }) {
  const { filters } = words();
  const set = (name: string) => (value: string) => askAgain({ ...asked, [name]: value });
  const some = ["category", "kind", "first", "last", "claimed"].some((name) => Boolean(asked[name]));
  /* It stays as it is when the last one is taken away: somebody may choose another. */
  const [isOpen, setOpen] = useState(some);
  return (
    <details class="filters" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{filters.label}</summary>
      <div class="filters-in">
        <CategoryChoice value={asked["category"] ?? ""} onValue={set("category")} />
        <KindChoice value={asked["kind"] ?? ""} onValue={set("kind")} />
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
