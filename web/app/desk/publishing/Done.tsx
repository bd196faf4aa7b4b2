// SPDX-License-Identifier: GPL-3.0-or-later
// What became of it. The original is gone from this page by now.
import { useEffect, useRef } from "preact/hooks";
import type { Published } from "../api/copies.ts";
import type { Id } from "../api/types.ts";
import { addressOf } from "../route.ts";
import { say, shortId, words } from "../speech.ts";

export function Done({ published, submission }: { published: Published; submission: Id }) {
  const { publish, published: listed } = words();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section class="card" aria-label={publish.done}>
      <h2 ref={heading} tabIndex={-1}>
        {published.state === "waiting" ? publish.notYet : publish.done}
      </h2>
      <p role="status">{publish[published.state]}</p>
      <p class="hint">{say(publish.number, { id: shortId(published.publication) })}</p>
      <div class="dialog-act">
        <a class="button first" href={addressOf("submissions", submission)}>
          {publish.back}
        </a>
        <a class="button" href={addressOf("public", "", { copy: published.publication })}>
          {listed.heading}
        </a>
      </div>
    </section>
  );
}
