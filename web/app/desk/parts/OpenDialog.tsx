// SPDX-License-Identifier: GPL-3.0-or-later
// Before an original is opened: why, and where. The better place is a machine without a network.
import { useEffect, useRef, useState } from "preact/hooks";
import { CoreError } from "../../core/types.ts";
import { ANOTHER } from "../../seal/expected.ts";
import { type DeskFile, type Why, whys } from "../api/types.ts";
import { faultText } from "../fault_text.ts";
import { saveFile } from "../saving.ts";
import { say, sayCount, sayPart, saySize, shortId, words } from "../speech.ts";
import { keyring } from "../state/keys.ts";
import { pieceLens, type SentFile } from "../state/opened.ts";
import { carryAway, type Fetching, openOriginal, type Original, Undescribed } from "../state/originals.ts";
import { me } from "../state/session.ts";
import { Dialog } from "./Dialog.tsx";

interface Props {
  file: DeskFile;
  sent: SentFile | undefined;
  onClose(): void;
}

const short = (file: DeskFile) => shortId(file.file);

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
        <button type="button" class="button" onClick={() => saveFile(`${short(file)}.${extensionOf(sent)}`, original.blob)}>
          {text.save}
        </button>
      </div>
    </>
  );
}

/** Of what the file was found to be; never what somebody called it. */
function extensionOf(sent: SentFile | undefined): string {
  return /^[a-z0-9]{2,5}$/.exec(sent?.format?.toLowerCase() ?? "")?.[0] ?? "bin";
}

function whyNot(cause: unknown): string {
  const { original: text } = words();
  if (cause instanceof Undescribed) {
    return text.undescribed;
  }
  return cause instanceof CoreError && cause.fault.part === ANOTHER ? text.another : faultText(cause);
}

/** How the sealed segments are opened elsewhere, each cut where its padding begins. */
function Carried({ file, sent, segments }: { file: DeskFile; sent: SentFile | undefined; segments: readonly Blob[] }) {
  const { original: text } = words();
  const names = segments.map((_, index) => `${short(file)}-${index + 1}.age`);
  const whole = `${short(file)}.${extensionOf(sent)}`;
  const lens = sent === undefined ? null : pieceLens(sent, segments.length);
  const commands = [
    ...names.flatMap((name, index) => {
      const part = name.replace(/age$/, "part");
      return [`oilskin unseal -i KEY-FILE ${name} -o ${part}`, ...(lens === null ? [] : [`truncate -s ${lens[index]} ${part}`])];
    }),
    `cat ${names.map((name) => name.replace(/age$/, "part")).join(" ")} > ${whole}`,
    ...(sent?.sha256 != null ? [`echo "${sent.sha256}  ${whole}" | sha256sum -c`] : []),
    ...(file.kind === "device" ? [`oilskin unseal -i KEY-FILE ${whole} -o opened-${whole}`] : []),
  ];
  return (
    <>
      <p role="status">{sayCount(text.carried, segments.length)}</p>
      <p>{text.carriedHow}</p>
      <pre class="commands" tabIndex={0}>
        {commands.join("\n")}
      </pre>
    </>
  );
}

export function OpenDialog({ file, sent, onClose }: Props) {
  const { original: text, whys: names } = words();
  const [why, setWhy] = useState<Why | null>(null);
  const [progress, setProgress] = useState<number | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const [original, setOriginal] = useState<Original | null>(null);
  const [carried, setCarried] = useState<readonly Blob[] | null>(null);
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
      const segments = await carryAway(file.file, reason, how);
      segments.forEach((segment, index) => saveFile(`${short(file)}-${index + 1}.age`, segment));
      setCarried(segments);
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
        <Carried file={file} sent={sent} segments={carried} />
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
          <p class="note">{text.danger}</p>
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
