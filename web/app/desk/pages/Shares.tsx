// SPDX-License-Identifier: GPL-3.0-or-later
// Links that lead to one copy, or to what somebody sealed; each can be ended, also by its address alone.
import { useId, useState } from "preact/hooks";
import { Refusal } from "../api/ask.ts";
import { endShare, getShares, type Share } from "../api/publish.ts";
import { faultText } from "../fault_text.ts";
import { Fault } from "../parts/Fault.tsx";
import { Field } from "../parts/Field.tsx";
import { PublicTabs } from "../parts/PublicTabs.tsx";
import { usePages } from "../parts/usePages.ts";
import { addressOf } from "../route.ts";
import { say, sayCount, sayDay, shortId, words } from "../speech.ts";
import { tell, telling } from "../state/public.ts";

function EndByAddress({ onEnded }: { onEnded(): void }) {
  const { shares } = words();
  const [address, setAddress] = useState("");
  const [fault, setFault] = useState<unknown>(null);
  const go = async () => {
    setFault(null);
    const done = await tell(
      () => endShare({ address }),
      () => ({ text: shares.endDone }),
      (cause) => {
        setFault(cause);
        return true;
      },
    );
    if (done !== null) {
      setAddress("");
      onEnded();
    }
  };
  return (
    <form
      class="part"
      onSubmit={(event) => {
        event.preventDefault();
        void go();
      }}
    >
      <h2>{shares.endHeading}</h2>
      <Field label={shares.endAddress} hint={shares.endHint} value={address} onValue={setAddress} required autocomplete="off" />
      {fault !== null && (
        <p role="alert" class="fault">
          {fault instanceof Refusal && (fault.status === 404 || fault.status === 400) ? shares.endUnknown : faultText(fault)}
        </p>
      )}
      <button type="submit" class="button" disabled={telling.value || address.trim() === ""}>
        {shares.endGo}
      </button>
    </form>
  );
}

function One({ share, put }: { share: Share; put(share: Share): void }) {
  const { shares, published } = words();
  const id = useId();
  const end = async () => {
    const done = await tell(() => endShare({ share: share.share }), () => ({ text: shares.endDone }));
    if (done !== null) {
      put({ ...share, state: "ended" });
    }
  };
  const facts = [
    say(shares.madeOn, { day: sayDay(share.made) }),
    share.expires === null ? shares.noEnd : say(shares.until, { day: sayDay(share.expires) }),
    share.views === null ? shares.anyViews : sayCount(shares.left, share.views),
    ...(share.passphrase ? [shares.hasPassphrase] : []),
    ...(share.maker === null ? [] : [say(published.madeBy, { name: share.maker })]),
  ];
  return (
    <li class="person" aria-labelledby={id}>
      <div class="person-head">
        <h2 id={id}>{`${share.kind === "sealed" ? shares.sealed : shares.checked} ${shortId(share.share)}`}</h2>
        <span class={`copy-state copy-${share.state === "open" ? "public" : "hidden"}`}>{shares[share.state]}</span>
      </div>
      {share.kind === "sealed" && <p class="hint">{shares.sealedHint}</p>}
      {share.publication !== null && (
        <p>
          <a href={addressOf("public", "", { copy: share.publication })}>{`${shares.toCopy} ${shortId(share.publication)}`}</a>
        </p>
      )}
      <ul class="facts">
        {facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
      {(share.state === "open" || share.state === "doubted") && (
        <div class="person-acts">
          <button type="button" class="button" aria-describedby={id} aria-disabled={telling.value} onClick={() => void end()}>
            {shares.end}
          </button>
        </div>
      )}
    </li>
  );
}

export function Shares() {
  const { shares, queue } = words();
  const pages = usePages<Share>("", async (after, signal) => {
    const found = await getShares(after, signal);
    return { items: found.shares, next: found.next };
  });
  return (
    <div class="page">
      <h1 tabIndex={-1}>{shares.heading}</h1>
      <PublicTabs />
      <p class="quiet">{shares.lead}</p>
      <EndByAddress onEnded={pages.again} />
      {pages.fault !== null && <Fault cause={pages.fault} onAgain={pages.again} />}
      {pages.items?.length === 0 && <p class="empty">{shares.none}</p>}
      {pages.items !== null && pages.items.length > 0 && (
        <ul class="people" aria-label={shares.heading} aria-busy={pages.isLoading}>
          {pages.items.map((one) => (
            <One key={one.share} share={one} put={(after) => pages.put(after, ({ share }) => share === one.share)} />
          ))}
        </ul>
      )}
      {pages.hasMore && (
        <button type="button" class="button more" disabled={pages.isLoading} onClick={pages.more}>
          {queue.more}
        </button>
      )}
    </div>
  );
}
