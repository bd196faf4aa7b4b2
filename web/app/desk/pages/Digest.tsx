// SPDX-License-Identifier: GPL-3.0-or-later
// How much came on which day, and what of it waits: numbers, and never one submission.
import { useEffect, useState } from "preact/hooks";
import { type Digest as Numbers, getDigest } from "../api/account.ts";
import { Fault } from "../parts/Fault.tsx";
import { addressOf } from "../route.ts";
import { sayCount, sayDay, sayNumber, words } from "../speech.ts";
import { me } from "../state/session.ts";

function Days({ days }: Pick<Numbers, "days">) {
  const { digest } = words();
  return (
    <table class="numbers">
      <caption class="hidden">{digest.heading}</caption>
      <thead>
        <tr>
          <th scope="col">{digest.day}</th>
          <th scope="col">{digest.submissions}</th>
          <th scope="col">{digest.files}</th>
          <th scope="col">{digest.unread}</th>
        </tr>
      </thead>
      <tbody>
        {days.map(({ day, submissions, files, unread }) => (
          <tr key={day}>
            <th scope="row">
              {submissions > 0 ? <a href={addressOf("queue", "", { view: "all", first: day, last: day })}>{sayDay(day)}</a> : sayDay(day)}
            </th>
            <td>{sayNumber(submissions)}</td>
            <td>{sayNumber(files)}</td>
            <td>{sayNumber(unread)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Digest() {
  const { digest } = words();
  const [numbers, setNumbers] = useState<Numbers | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const load = async () => {
    setFault(null);
    try {
      setNumbers(await getDigest());
    } catch (cause) {
      setFault(cause);
    }
  };
  useEffect(() => {
    void load();
  }, []);
  return (
    <div class="page">
      <h1 tabIndex={-1}>{digest.heading}</h1>
      <p class="quiet">{digest.lead}</p>
      {fault !== null && <Fault cause={fault} onAgain={() => void load()} />}
      {numbers !== null && me.value?.publish && (
        <ul class="facts">
          <li>
            <a href={addressOf("asked")}>{sayCount(digest.asked, numbers.asked)}</a>
          </li>
          <li>
            <a href={addressOf("public", "", { state: "waiting" })}>{sayCount(digest.waiting, numbers.waiting)}</a>
          </li>
        </ul>
      )}
      {numbers !== null && <Days days={numbers.days} />}
    </div>
  );
}
