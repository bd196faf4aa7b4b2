// SPDX-License-Identifier: GPL-3.0-or-later
// The files side by side, each with how far it is.
import { areasOf, goingOf, type Item } from "../state/item.ts";
import { current, drop, items, look, step } from "../state/items.ts";
import { say, sayCount, words } from "../speech.ts";
import { ClipThumb } from "./Clip.tsx";
import { Icon } from "./icons.tsx";
import { OpenButton } from "./OpenButton.tsx";

/** What stands under its picture. */
export function stateOf(item: Item): string {
  const { files, save } = words();
  if (item.fault.value !== null) {
    return files.failed;
  }
  if (item.copy.value !== null) {
    return files.saved;
  }
  const inspected = item.inspected.value;
  if (inspected === null) {
    return files.reading;
  }
  const areas = areasOf(item);
  if (areas > 0) {
    return sayCount(files.covered, areas);
  }
  if (item.progress.value !== null && step.value !== "open") {
    return files.working;
  }
  const found = inspected.findings.length;
  if (step.value === "save" && goingOf(item) > 0) {
    return sayCount(save.summary, goingOf(item));
  }
  return found > 0 ? sayCount(files.found, found) : files.foundNone;
}

function Thumb({ item }: { item: Item }) {
  const shown = item.shown.value;
  if (item.fault.value !== null) {
    return <Icon name="warning" />;
  }
  if (item.inspected.value?.video === true) {
    return shown === null ? <Icon name="video" /> : <ClipThumb url={shown.url} />;
  }
  return shown === null ? <Icon name="preview" /> : <img src={shown.url} alt="" decoding="async" />;
}

function Frame({ item, index }: { item: Item; index: number }) {
  const { files } = words();
  const here = current.value === item;
  const name = say(files.one, { n: index + 1, total: items.value.length });
  return (
    <li class={here ? "frame here" : "frame"}>
      <button type="button" class="frame-look" aria-current={here ? "true" : undefined} onClick={() => look(item)}>
        <span class="frame-thumb">
          <Thumb item={item} />
        </span>
        <span class="hidden">{name}: </span>
        <span class="frame-state">{stateOf(item)}</span>
      </button>
      <button type="button" class="frame-out" aria-label={`${files.remove}: ${name}`} onClick={() => drop([item])}>
        <Icon name="close" />
      </button>
    </li>
  );
}

export function Filmstrip() {
  const { files, open } = words();
  return (
    <nav class="filmstrip" aria-label={files.label}>
      <ul>
        {items.value.map((item, index) => (
          <Frame key={item.id} item={item} index={index} />
        ))}
        <li class="frame">
          <OpenButton class="frame-add">
            <span class="frame-thumb">
              <Icon name="plus" />
            </span>
            <span class="frame-state">{open.more}</span>
          </OpenButton>
        </li>
      </ul>
    </nav>
  );
}
