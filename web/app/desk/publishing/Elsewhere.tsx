// SPDX-License-Identifier: GPL-3.0-or-later
// What a page can't hold or can't cover is published by the command line.
import type { Id } from "../api/types.ts";
import { words } from "../speech.ts";
import { me } from "../state/session.ts";

/** What a tab may hold several times over. */
export const LARGEST_BYTES = 256 * 1024 * 1024;

/** A name as a shell takes it. */
const quoted = (name: string): string => (/^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`);

interface Props {
  readonly submission: Id;
  /** Of the file, as the commands count. */
  readonly number: number;
  /** There is no other way: the page says so. */
  readonly isOnly?: boolean;
}

export function Elsewhere({ submission, number, isOnly = false }: Props) {
  const { publish } = words();
  const who = `--desk ${location.origin} --name ${quoted(me.value?.name ?? "")}`;
  const commands = [
    `oilskin desk fetch ${submission} --why publish ${who} -o SEALED`,
    "oilskin desk unseal SEALED -i KEY-FILE -o OPENED",
    "oilskin scrub COVERED -o COPY",
    `oilskin desk publish ${submission} ${number}=COPY --areas AREAS -i KEY-FILE ${who}`,
  ].join("\n");
  return (
    <section class="card publishing-elsewhere" aria-label={publish.elsewhereHeading}>
      <h2>{publish.elsewhereHeading}</h2>
      {isOnly && <p>{publish.elsewhereOnly}</p>}
      <p>{publish.elsewhere}</p>
      <pre class="commands" tabIndex={0} dir="ltr">
        {commands}
      </pre>
      <p class="hint">{publish.elsewhereHint}</p>
    </section>
  );
}
