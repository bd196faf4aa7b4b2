// SPDX-License-Identifier: GPL-3.0-or-later
// Before an original is opened: why, and where. The better place is a machine without a network.
import { useEffect, useRef, useState } from "preact/hooks";
import { CoreError } from "../../core/types.ts";
import { ANOTHER } from "../../seal/expected.ts";
import { type DeskFile, type Why, whys } from "../api/types.ts";
import { faultText } from "../fault_text.ts";
import { saveFile } from "../saving.ts";
import { say, sayPart, saySize, words } from "../speech.ts";
import { keyring } from "../state/keys.ts";
import type { SentFile } from "../state/opened.ts";
import { carryAway, type Fetching, openOriginal, type Original, Undescribed } from "../state/originals.ts";
import { me } from "../state/session.ts";
import { Carried, type CarriedFile, carriedFiles, commandsFor, wholeName } from "./Carried.tsx";
import { Dialog } from "./Dialog.tsx";

interface Props {
  file: DeskFile;
  sent: SentFile | undefined;
  onClose(): void;
}

function Shown({ original, file, sent }: { original: Original; file: DeskFile; sent: SentFile | undefined }) {
  const { original: text } = words();
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(original.blob);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [original]);
  const isVideo = original.blob.type.startsWith("video/");
  return (
    <>
      {address !== null && original.shown && (isVideo ? <video class="original" src={address} controls muted /> : <img class="original" src={address} alt={text.alt} />)}
      {!original.shown && <p>{text.notShown}</p>}
      <p class="hint">
        {saySize(original.blob.size)} · {file.kind === "device" ? text.sameSealed : text.same} SHA-256 <span class="mono digest">{original.sha256}</span>
      </p>
      <div class="dialog-act">
        <button type="button" class="button" onClick={() => saveFile(wholeName(file, sent), original.blob)}>
          {text.save}
        </button>
      </div>
    </>
  );
}

function whyNot(cause: unknown): string {
  const { original: text } = words();
  if (cause instanceof Undescribed) {
    return text.undescribed;
  }
  return cause instanceof CoreError && cause.fault.part === ANOTHER ? text.another : faultText(cause);
}

export function OpenDialog({ file, sent, onClose }: Props) {
  const { original: text, whys: names } = words();
  const [why, setWhy] = useState<Why | null>(null);
  const [progress, setProgress] = useState<number | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const [original, setOriginal] = useState<Original | null>(null);
  const [carried, setCarried] = useState<readonly CarriedFile[] | null>(null);
  const over = useRef(new AbortController());
  useEffect(() => () => over.current.abort(), []);
  const doing = async (what: (reason: Why, how: Fetching) => Promise<void>) => {
    if (why === null) {
      return;
    }
    setFault(null);
    setProgress(0);
    try {
      await what(why, { signal: over.current.signal, onProgress: (done, total) => setProgress(total === 0 ? 0 : done / total) });
    } catch (cause) {
      setFault(cause);
    }
    setProgress(null);
  };
  const away = () =>
    doing(async (reason, how) => {
      const files = carriedFiles(file, sent, await carryAway(file.file, reason, how));
      files.forEach(({ name, blob }) => saveFile(name, blob));
      setCarried(files);
    });
  const here = () =>
    doing(async (reason, how) => {
      if (keyring.value !== null) {
        setOriginal(await openOriginal(keyring.value, file, sent, reason, how));
      }
    });
  const busy = progress !== null;
  const allowed = whys.filter((one) => one !== "publish" || me.value?.role !== "reviewer");
  return (
    <Dialog heading={say(text.heading, { number: file.number + 1 })} onClose={onClose}>
      {original !== null ? (
        <Shown original={original} file={file} sent={sent} />
      ) : carried !== null ? (
        <Carried files={carried} commands={commandsFor(file, sent, carried.length - 1)} />
      ) : (
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault();
            void away();
          }}
        >
          <fieldset class="choices" disabled={busy}>
            <legend>{text.why}</legend>
            {allowed.map((one, index) => (
              <label key={one} class="choice">
                <input type="radio" name="why" autofocus={index === 0} checked={one === why} onChange={() => setWhy(one)} />
                <span>{names[one]}</span>
              </label>
            ))}
          </fieldset>
          <p class="hint">{text.audited}</p>
          <p class="note">{file.kind === "scrubbed" ? text.dangerScrubbed : text.danger}</p>
          {fault !== null && (
            <p class="fault" role="alert">
              {whyNot(fault)}
            </p>
          )}
          {busy && (
            <p role="status">
              {text.fetching} {sayPart(progress)}
            </p>
          )}
          <div class="dialog-act">
            <button type="submit" class="button first" disabled={busy || why === null}>
              {text.away}
            </button>
            <button type="button" class="button" disabled={busy || why === null || keyring.value === null} onClick={() => void here()}>
              {text.here}
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
