// SPDX-License-Identifier: GPL-3.0-or-later
// The copies that were made: what can be said of them, and where they go.
import type { Saved } from "../../core/types.ts";
import { ClipThumb } from "../parts/Clip.tsx";
import { FaultNote } from "../parts/FaultNote.tsx";
import { Icon } from "../parts/icons.tsx";
import { formatTitle } from "../names.ts";
import { areasOf, canCover, changeOf, goingOf, type Copy, type Item } from "../state/item.ts";
import { drop, items, look, step, uncopied, usable } from "../state/items.ts";
import { askForLink, terms } from "../state/linking.ts";
import { copied, downloadAll, downloadCopy, shareAll, shareFailed, sharable, unread, zipping } from "../state/saving.ts";
import { say, sayCount, saySentences, saySize, words } from "../speech.ts";
import { FindingList } from "./Findings.tsx";

type Texts = ReturnType<typeof words>;

function changesOf(saved: Saved, item: Item, texts: Texts): string[] {
  const said: Readonly<Record<string, string>> = {
    ...texts.changes,
    converted: say(texts.changes.converted, { format: formatTitle(saved.format) }),
  };
  const known = saved.changes.flatMap((name) => (Object.hasOwn(said, name) ? [said[name] ?? ""] : []));
  return [
    ...known,
    ...(item.dropSound.value ? [texts.changes.sound] : []),
    ...(item.resize.value > 0 ? [texts.changes.resized] : []),
  ];
}

function Result({ item, saved }: { item: Item; saved: Saved }) {
  const { done } = words();
  const areas = areasOf(item);
  const stays = saved.findings.some((finding) => finding.stays);
  const inverted = changeOf(item).regions.invert === true;
  const gone = goingOf(item);
  const covered = areas === 0 ? done.coveredNone : inverted ? done.coveredRest : sayCount(done.covered, areas);
  return (
    <p class="result">
      {saySentences([
        ...(gone > 0 ? [sayCount(done.gone, gone)] : []),
        stays ? done.resultStays : done.result,
        ...(item.inspected.value?.video === true ? [] : [covered]),
        done.visible,
      ])}
    </p>
  );
}

function Card({ item, copy, index }: { item: Item; copy: Copy; index: number }) {
  const texts = words();
  const { done } = texts;
  const { saved } = copy;
  const changes = changesOf(saved, item, texts);
  const stays = saved.findings.filter((finding) => finding.stays);
  const look = copy.visible ? copy.url : item.shown.value?.url;
  return (
    <li class="card">
      <div class="card-thumb">
        {look === undefined ? (
          <Icon name="preview" />
        ) : saved.mediaType.startsWith("video/") ? (
          <ClipThumb url={look} />
        ) : (
          <img src={look} alt={say(done.previewAlt, { n: index + 1 })} decoding="async" />
        )}
      </div>
      <div class="card-words">
        <Result item={item} saved={saved} />
        {stays.length > 0 && <FindingList findings={stays} />}
        {changes.length > 0 && (
          <p>
            {done.changes}: {saySentences(changes)}
          </p>
        )}
        <dl>
          <dt>{done.name}</dt>
          <dd>
            <bdi class="mono">{copy.name}</bdi>
          </dd>
          <dt>{done.size}</dt>
          <dd>{saySize(saved.blob.size)}</dd>
          <dt>{done.digest}</dt>
          <dd>
            <bdi class="mono digest" dir="ltr">
              {saved.sha256}
            </bdi>
          </dd>
        </dl>
        {copied.value.length > 1 && (
          <button type="button" class="button" onClick={() => downloadCopy(item)}>
            <Icon name="download" />
            {done.download}
          </button>
        )}
        {terms.value !== null && (
          <button type="button" class="button" onClick={() => askForLink(item)}>
            <Icon name="share" />
            {texts.link.button}
          </button>
        )}
      </div>
    </li>
  );
}

/** A file that was left out for what went wrong with it, and the way back to it. */
function Failed({ item }: { item: Item }) {
  const { files, faults, done } = words();
  const fault = item.changeFault.value;
  const again = (): void => {
    look(item);
    step.value = canCover(item) ? "cover" : "open";
  };
  return fault === null ? null : (
    <li>
      <h3>{say(files.one, { n: items.value.indexOf(item) + 1, total: items.value.length })}</h3>
      <FaultNote fault={fault} heading={faults.headingSave} known video={false} />
      <button type="button" class="button" onClick={again}>
        {done.again}
      </button>
    </li>
  );
}

/** Where all of them went; "" where some are behind links and others are not. */
function sayWhere(all: readonly Item[]): string {
  const { done } = words();
  const places = new Set(all.map((item) => item.handed.value));
  if (places.has("link")) {
    return places.size === 1 ? done.linked : "";
  }
  return places.has("downloads") ? done.handed : done.shareDone;
}

function Handing() {
  const { done, faults } = words();
  const all = copied.value;
  const handed = all.every((item) => item.handed.value !== null);
  const only = all.length === 1 ? all[0] : undefined;
  const canShare = sharable.value;
  return (
    <>
      <p class="handed" role="status">
        {unread.value ? saySentences([faults.io, faults.nextIo]) : shareFailed.value ? done.shareFailed : handed ? sayWhere(all) : ""}
      </p>
      {canShare && (
        <button type="button" class="button first" onClick={() => void shareAll()}>
          <Icon name="share" />
          {done.share}
        </button>
      )}
      <button
        type="button"
        class={canShare ? "button" : "button first"}
        disabled={zipping.value}
        onClick={() => (only === undefined ? void downloadAll() : downloadCopy(only))}
      >
        <Icon name="download" />
        {only === undefined ? done.downloadAll : only.handed.value === "downloads" ? done.downloadAgain : done.download}
      </button>
    </>
  );
}

export function Done() {
  const { done, save } = words();
  const all = copied.value;
  const left = items.value.length - usable.value.length;
  return (
    <div class="done">
      <h2 id="panel-heading" tabIndex={-1}>
        <Icon name="check" />
        {sayCount(done.headingMany, all.length)}
      </h2>
      <div class="done-act">
        <Handing />
      </div>
      <ul class="cards">
        {all.map((item, index) => {
          const copy = item.copy.value;
          return copy === null ? null : <Card key={item.id} item={item} copy={copy} index={index} />;
        })}
      </ul>
      {uncopied.value.length > 0 && (
        <ul class="failures">
          {uncopied.value.map((item) => (
            <Failed key={item.id} item={item} />
          ))}
        </ul>
      )}
      {left > 0 && <p>{sayCount(save.skipped, left)}</p>}
      <p class="note">{done.original}</p>
      <p class="quiet">
        {saySentences([done.digestHint, done.forget])}
      </p>
      <div class="done-more">
        <button type="button" class="button" onClick={() => (step.value = usable.value.some(canCover) ? "cover" : "open")}>
          {done.again}
        </button>
        <button type="button" class="button" onClick={() => drop(items.value)}>
          {done.another}
        </button>
      </div>
    </div>
  );
}
