// SPDX-License-Identifier: GPL-3.0-or-later
// Step three before there are copies: what will be made, and its size.
import { FaultNote } from "../parts/FaultNote.tsx";
import { sayCovered } from "../parts/covered.ts";
import { Icon } from "../parts/icons.tsx";
import { areasOf, canCover, changeOf, goingOf, isConverted, pictureOf, type Item } from "../state/item.ts";
import { items, usable } from "../state/items.ts";
import { canLink, canSave, save, saving, stopSaving } from "../state/saving.ts";
import { setOutputFormat, setResize } from "../state/work.ts";
import { say, sayCount, sayPart, saySentences, words } from "../speech.ts";
import { stateOf } from "../parts/Filmstrip.tsx";

const SIZES: readonly number[] = [4096, 2048, 1280];

function SizeChoice({ item }: { item: Item }) {
  const { save: texts, files } = words();
  const picture = pictureOf(item);
  if (picture === null) {
    return null;
  }
  const longest = Math.max(picture.width, picture.height);
  const smaller = SIZES.filter((size) => size < longest);
  if (smaller.length === 0) {
    return null;
  }
  return (
    <label class="field">
      {items.value.length > 1 && `${say(files.one, { n: items.value.indexOf(item) + 1, total: items.value.length })}: `}
      {texts.size}
      <select value={String(item.resize.value)} onChange={(event) => setResize(item, Number(event.currentTarget.value))}>
        <option value="0">{texts.fullSize}</option>
        {smaller.map((size) => (
          <option key={size} value={String(size)}>
            {say(texts.longest, { n: size })}
          </option>
        ))}
      </select>
    </label>
  );
}

/** HEIC is written as something else once its pixels are touched. */
function FormatChoice({ item }: { item: Item }) {
  const { cover } = words();
  if (!isConverted(item)) {
    return null;
  }
  return (
    <label class="field">
      {cover.asFormat}
      <select
        value={item.outputFormat.value}
        onChange={(event) => void setOutputFormat(item, event.currentTarget.value === "png" ? "png" : "jpeg")}
      >
        <option value="jpeg">JPEG</option>
        <option value="png">PNG</option>
      </select>
    </label>
  );
}

function Summary({ item }: { item: Item }) {
  const texts = words();
  const going = goingOf(item);
  const areas = areasOf(item);
  return (
    <ul class="checks">
      <li>
        <Icon name="check" />
        {going > 0 ? sayCount(texts.save.summary, going) : texts.save.summaryNone}
      </li>
      {canCover(item) && (
        <li class={areas > 0 ? "" : "bare"}>
          <Icon name={areas > 0 ? "check" : "warning"} />
          {sayCovered(item)}
        </li>
      )}
      {item.dropSound.value && (
        <li>
          <Icon name="check" />
          {texts.changes.sound}
        </li>
      )}
      <li>
        <Icon name="check" />
        {texts.save.name}
      </li>
    </ul>
  );
}

/** What one of several copies will be. */
function sayFate(item: Item): string {
  const { save, done } = words();
  const going = goingOf(item);
  const areas = areasOf(item);
  const inverted = changeOf(item).regions.invert === true;
  return saySentences([
    going > 0 ? sayCount(save.summary, going) : save.summaryNone,
    ...(!canCover(item) ? [] : [areas === 0 ? done.coveredNone : inverted ? done.coveredRest : sayCount(done.covered, areas)]),
  ]);
}

function SummaryMany() {
  const { files } = words();
  return (
    <ol class="many">
      {items.value.map((item, index) => (
        <li key={item.id}>
          {say(files.one, { n: index + 1, total: items.value.length })}
          <span class="quiet">{item.inspected.value === null || item.fault.value !== null ? stateOf(item) : sayFate(item)}</span>
        </li>
      ))}
    </ol>
  );
}

function Busy({ at, total }: { at: number; total: number }) {
  const texts = words().save;
  const part = usable.value.find((item) => item.progress.value !== null)?.progress.value ?? 0;
  const whole = (at - 1 + part) / total;
  return (
    <div class="busy">
      <p aria-live="polite">
        <strong>{total > 1 ? say(texts.savingMany, { n: at, total }) : texts.saving}</strong>
      </p>
      <progress value={whole} aria-label={texts.saving}>
        {sayPart(whole)}
      </progress>
      <p class="quiet">{texts.checking}</p>
      <button type="button" class="button" onClick={stopSaving}>
        {texts.cancel}
      </button>
    </div>
  );
}

export function Save({ item }: { item: Item }) {
  const texts = words();
  const count = usable.value.length;
  const left = items.value.length - count;
  const now = saving.value;
  const failed = item.changeFault.value;
  return (
    <>
      <div class="panel-body">
        <h2 id="panel-heading" tabIndex={-1}>
          {count > 1 ? sayCount(texts.save.headingMany, count) : texts.save.heading}
        </h2>
        {failed !== null && <FaultNote fault={failed} heading={texts.faults.headingSave} known video={false} />}
        {now !== null ? (
          <Busy at={now.at} total={now.total} />
        ) : (
          <>
            {count > 1 ? <SummaryMany /> : <Summary item={item} />}
            {left > 0 && <p class="quiet">{sayCount(texts.save.skipped, left)}</p>}
            <FormatChoice item={item} />
            <SizeChoice item={item} />
            <p class="quiet">{texts.findings.visible}</p>
          </>
        )}
      </div>
      {now === null && (
        <div class="panel-act">
          <button type="button" class="button first" disabled={!canSave.value} onClick={() => save("file")}>
            <Icon name="download" />
            {count > 1 ? sayCount(texts.save.buttonMany, count) : texts.save.button}
          </button>
          {canLink.value && (
            <>
              <button type="button" class="button" aria-describedby="link-not-saved" onClick={() => save("link")}>
                <Icon name="share" />
                {texts.link.button}
              </button>
              <p id="link-not-saved" class="quiet">
                {texts.link.notSaved}
              </p>
            </>
          )}
        </div>
      )}
    </>
  );
}
