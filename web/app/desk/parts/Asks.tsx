// SPDX-License-Identifier: GPL-3.0-or-later
// What each one wrote who asks about one thing: a few at once, and all of them when somebody wants that.
import { useEffect, useState } from "preact/hooks";
import type { PublicRequest } from "../api/publish.ts";
import { withWordsFirst } from "../outcomes.ts";
import { sayCount, sayDay, words } from "../speech.ts";
import { keyring } from "../state/keys.ts";
import { openSealed, readText } from "../state/opened.ts";

/** Of a flood about one picture: the others keep it in sight of those about other ones. */
const FEW = 3;

/** The words of a request; null: on their way, or closed. */
function useWords({ sealed }: PublicRequest): { text: string | null; isClosed: boolean } {
  const keys = keyring.value;
  const [text, setText] = useState<string | null>(null);
  const [isClosed, setClosed] = useState(false);
  useEffect(() => {
    let isOver = false;
    setText(null);
    setClosed(false);
    if (keys !== null && sealed !== null) {
      openSealed(keys, sealed).then(
        (json) => isOver || setText(readText(json)),
        () => isOver || setClosed(true),
      );
    }
    return () => {
      isOver = true;
    };
  }, [keys, sealed]);
  return { text, isClosed };
}

function Said({ request }: { request: PublicRequest }) {
  const { talk, asked } = words();
  const { text, isClosed } = useWords(request);
  if (request.sealed === null || text === "") {
    return <p class="quiet">{talk.noWords}</p>;
  }
  if (text === null) {
    return <p class="quiet">{isClosed ? talk.closed : keyring.value === null ? asked.noKey : ""}</p>;
  }
  return (
    <p class="said-text" dir="auto">
      {text}
    </p>
  );
}

function Ask({ request }: { request: PublicRequest }) {
  const { asked } = words();
  return (
    <li>
      <Said request={request} />
      <ul class="facts">
        <li>{asked[request.kind]}</li>
        <li>{sayDay(request.day)}</li>
        {request.by_link && <li>{asked.byLink}</li>}
        {request.counted > 0 && <li>{sayCount(asked.further, request.counted)}</li>}
      </ul>
    </li>
  );
}

export function Asks({ asked: requests }: { asked: readonly PublicRequest[] }) {
  const { asked } = words();
  const [all, setAll] = useState(false);
  const listed = withWordsFirst(requests);
  const further = listed.length - FEW;
  return (
    <>
      <ul class="asks">
        {listed.slice(0, all ? listed.length : FEW).map((request) => (
          <Ask key={request.asked} request={request} />
        ))}
      </ul>
      {!all && further > 0 && (
        <button type="button" class="plain" onClick={() => setAll(true)}>
          {sayCount(asked.showAll, further)}
        </button>
      )}
    </>
  );
}
