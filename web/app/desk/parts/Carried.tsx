// SPDX-License-Identifier: GPL-3.0-or-later
// An original that is carried, sealed, to a machine without a network, and what is to be typed there.
import type { DeskFile } from "../api/types.ts";
import { saveFile } from "../saving.ts";
import { say, sayCount, shortId, words } from "../speech.ts";
import { pieceLens, type SentFile } from "../state/opened.ts";

export interface CarriedFile {
  readonly name: string;
  readonly blob: Blob;
}

/** Its ending is of what the file was found to be; never what somebody called it. */
export function wholeName(file: DeskFile, sent: SentFile | undefined): string {
  return `${shortId(file.file)}.${/^[a-z0-9]{2,5}$/.exec(sent?.format?.toLowerCase() ?? "")?.[0] ?? "bin"}`;
}

const partName = (file: DeskFile, index: number): string => `${shortId(file.file)}-${index + 1}.age`;

/** How `count` sealed segments are opened elsewhere, each cut where its padding begins. */
export function commandsFor(file: DeskFile, sent: SentFile | undefined, count: number): string {
  const names = Array.from({ length: count }, (_, index) => partName(file, index));
  const whole = wholeName(file, sent);
  const lens = sent === undefined ? null : pieceLens(sent, count);
  return [
    ...names.flatMap((name, index) => {
      const part = name.replace(/age$/, "part");
      return [`oilskin unseal -i KEY-FILE ${name} -o ${part}`, ...(lens === null ? [] : [`truncate -s ${lens[index]} ${part}`])];
    }),
    `cat ${names.map((name) => name.replace(/age$/, "part")).join(" ")} > ${whole}`,
    ...(sent?.sha256 != null ? [`echo "${sent.sha256}  ${whole}" | sha256sum -c`] : []),
    ...(file.kind === "device" ? [`oilskin unseal -i KEY-FILE ${whole} -o opened-${whole}`] : []),
  ].join("\n");
}

/** The segments, and last what is to be typed: the machine that needs it is another one. */
export function carriedFiles(file: DeskFile, sent: SentFile | undefined, segments: readonly Blob[]): readonly CarriedFile[] {
  const commands = new Blob([`${commandsFor(file, sent, segments.length)}\n`], { type: "text/plain" });
  return [...segments.map((blob, index) => ({ name: partName(file, index), blob })), { name: `${shortId(file.file)}-open.txt`, blob: commands }];
}

export function Carried({ files, commands }: { files: readonly CarriedFile[]; commands: string }) {
  const { original: text } = words();
  return (
    <>
      <p role="status">{sayCount(text.carried, files.length - 1)}</p>
      <p>{text.carriedHow}</p>
      <pre class="commands" tabIndex={0}>
        {commands}
      </pre>
      <p>{text.carriedAgain}</p>
      <div class="decide">
        {files.map(({ name, blob }) => (
          <button key={name} type="button" class="button" onClick={() => saveFile(name, blob)}>
            {say(text.saveOne, { name })}
          </button>
        ))}
      </div>
    </>
  );
}
