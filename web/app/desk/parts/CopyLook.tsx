// SPDX-License-Identifier: GPL-3.0-or-later
// A copy exactly as the public gets it, with its words; and the yes of a second person, who has seen it.
import { useState } from "preact/hooks";
import { approvePublication, type Publication } from "../api/publish.ts";
import { words } from "../speech.ts";
import { tell, telling } from "../state/public.ts";
import { CopyWhole, nameOfCopy } from "./CopyPicture.tsx";
import { Dialog } from "./Dialog.tsx";

interface Props {
  readonly copy: Publication;
  readonly canApprove: boolean;
  put(copy: Publication): void;
  onClose(): void;
}

export function CopyLook({ copy, canApprove, put, onClose }: Props) {
  const { published, app } = words();
  /* Nobody says yes to what was not there to be seen. */
  const [seen, setSeen] = useState<"seen" | "lost" | null>(null);
  const approve = async () => {
    const changed = await tell(
      () => approvePublication(copy),
      ({ state }) => ({ text: state === "unlisted" ? published.approvedUnlisted : published.approved }),
    );
    if (changed !== null) {
      put(changed);
      onClose();
    }
  };
  return (
    <Dialog heading={nameOfCopy(copy)} onClose={onClose}>
      <p class="hint">{published.asPublic}</p>
      {copy.warning !== "" && (
        <p dir="auto" class="copy-warning">
          {copy.warning}
        </p>
      )}
      <CopyWhole copy={copy} onSeen={() => setSeen("seen")} onFault={() => setSeen("lost")} />
      {seen === "lost" && (
        <p role="alert" class="fault">
          {published.notShown}
        </p>
      )}
      <dl class="copy-words">
        <dt>{published.caption}</dt>
        <dd dir="auto">{copy.caption === "" ? <span class="quiet">{published.none}</span> : copy.caption}</dd>
        <dt>{published.alt}</dt>
        <dd dir="auto">{copy.alt === "" ? <span class="quiet">{published.none}</span> : copy.alt}</dd>
      </dl>
      <div class="dialog-act">
        {canApprove && (
          <button type="button" class="button first" disabled={seen !== "seen" || telling.value} onClick={() => void approve()}>
            {published.approve}
          </button>
        )}
        <button type="button" class="button" onClick={onClose}>
          {app.close}
        </button>
      </div>
    </Dialog>
  );
}
