// SPDX-License-Identifier: GPL-3.0-or-later
// "Share as a link": what that means, for how long, and the link, once.
import { useState } from "preact/hooks";
import type { Item } from "../state/item.ts";
import { closeLink, failure, linking, type Made, made, makeLink, making, type Terms, terms } from "../state/linking.ts";
import { locale, say, sayCount, saySize, words } from "../speech.ts";
import { Dialog } from "./Dialog.tsx";

const DAYS: readonly number[] = [1, 3, 7];
const VIEWS: readonly (number | null)[] = [null, 1, 5, 20];

function Wish({ item, size, limits }: { item: Item; size: number; limits: Terms }) {
  const { link } = words();
  const [days, setDays] = useState(DAYS[0] ?? 1);
  const [views, setViews] = useState<number | null>(null);
  if (size > limits.fileMax) {
    return <p role="alert">{say(link.tooLarge, { size: saySize(limits.fileMax) })}</p>;
  }
  return (
    <>
      <label class="field">
        {link.days}
        <select value={String(days)} onChange={(event) => setDays(Number(event.currentTarget.value))}>
          {DAYS.filter((each) => each <= limits.daysMax).map((each) => (
            <option key={each} value={String(each)}>
              {sayCount(link.dayCount, each)}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        {link.views}
        <select value={String(views ?? "")} onChange={(event) => setViews(Number(event.currentTarget.value) || null)}>
          {VIEWS.map((each) => (
            <option key={each} value={String(each ?? "")}>
              {each === null ? link.anyViews : sayCount(link.viewCount, each)}
            </option>
          ))}
        </select>
      </label>
      <p role="status">{making.value ? link.making : failure.value === null ? "" : link[failure.value]}</p>
      <div class="dialog-act">
        <button type="button" class="button first" disabled={making.value} onClick={() => void makeLink(item, { days, views })}>
          {link.make}
        </button>
      </div>
    </>
  );
}

function Ready({ link: { address, lastDay } }: { link: Made }) {
  const { link } = words();
  const [said, setSaid] = useState("");
  const copy = (): void => {
    const told = (text: string) => () => setSaid(text);
    (navigator.clipboard?.writeText(address) ?? Promise.reject(new Error("no clipboard"))).then(told(link.copied), told(link.cantCopy));
  };
  const day = new Intl.DateTimeFormat(locale(), { dateStyle: "long", timeZone: "UTC" }).format(lastDay);
  return (
    <>
      <h3>{link.made}</h3>
      <label class="field link-field">
        {link.address}
        <input type="text" readOnly dir="ltr" spellcheck={false} value={address} onFocus={(event) => event.currentTarget.select()} />
      </label>
      <p class="note">{link.once}</p>
      <p>{say(link.lastDay, { day })}</p>
      <p role="status">{said}</p>
      <div class="dialog-act">
        <button type="button" class="button first" onClick={copy}>
          {link.copy}
        </button>
      </div>
    </>
  );
}

export function LinkDialog() {
  const { link } = words();
  const item = linking.value;
  const size = item?.copy.value?.saved.blob.size ?? 0;
  return (
    <Dialog open={item !== null} id="link-heading" heading={link.heading} onClose={closeLink}>
      {made.value !== null ? (
        <Ready link={made.value} />
      ) : (
        <>
          <p>{link.how}</p>
          <p>{link.who}</p>
          <p>{link.ends}</p>
          {item !== null && terms.value !== null && <Wish item={item} size={size} limits={terms.value} />}
        </>
      )}
    </Dialog>
  );
}
