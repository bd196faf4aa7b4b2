// SPDX-License-Identifier: GPL-3.0-or-later
// One file on its way to the public: opened, covered, looked at as it will be, published.
import { useEffect, useState } from "preact/hooks";
import { openCore } from "../../core/client.ts";
import { Icon } from "../../studio/parts/icons.tsx";
import { speakWithin } from "../../studio/speech.ts";
import { useCore } from "../../studio/state/core.ts";
import type { DeskFile } from "../api/types.ts";
import type { PageProps } from "../pages.ts";
import { Fault } from "../parts/Fault.tsx";
import { KeyNote } from "../parts/KeyNote.tsx";
import { useSubmission } from "../parts/useSubmission.ts";
import { addressOf } from "../route.ts";
import { languageChoice, say, words } from "../speech.ts";
import { keyring } from "../state/keys.ts";
import { done, working } from "../state/publishing.ts";
import { type Opened, sentOf } from "../state/submission.ts";
import { Begin } from "./Begin.tsx";
import { Done } from "./Done.tsx";
import { Steps } from "./Steps.tsx";
import "./publishing.css";

let hasCore = false;

/** The core, and the studio's words for its editor. False until both are there. */
function useStudio(): boolean {
  const [isThere, setThere] = useState(false);
  const wanted = languageChoice();
  useEffect(() => {
    if (!hasCore) {
      useCore(openCore());
      hasCore = true;
    }
    speakWithin(wanted).then(
      () => setThere(true),
      () => setThere(true),
    );
  }, [wanted]);
  return isThere;
}

function OfFile({ opened, file }: { opened: Opened; file: DeskFile }) {
  const now = working.value;
  const { submission } = opened.sent;
  if (done.value?.file === file.file) {
    return <Done published={done.value.published} submission={submission} />;
  }
  return now?.file === file.file ? <Steps working={now} /> : <Begin file={file} submission={submission} sent={sentOf(opened, file)} />;
}

export function Room({ place }: PageProps) {
  const { publish, app, faults } = words();
  const submission = place.asked["of"] ?? "";
  const { opened, fault, again } = useSubmission(submission);
  const isThere = useStudio();
  const file = opened?.sent.files.find((one) => one.file === place.of);
  return (
    <div class="publishing">
      <nav class="around" aria-label={publish.back}>
        <a class="back" href={addressOf("submissions", submission)}>
          <Icon name="back" flips />
          {publish.back}
        </a>
      </nav>
      <h1 tabIndex={-1}>{file === undefined ? publish.headingNone : say(publish.heading, { number: file.number + 1 })}</h1>
      <KeyNote />
      {fault !== null && <Fault cause={fault} onAgain={again} />}
      {(opened === null || !isThere) && fault === null && <p role="status">{app.working}</p>}
      {opened !== null && file === undefined && <p class="fault">{faults.gone}</p>}
      {opened !== null && file !== undefined && isThere && keyring.value !== null && <OfFile opened={opened} file={file} />}
    </div>
  );
}
