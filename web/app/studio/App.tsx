// SPDX-License-Identifier: GPL-3.0-or-later
// The page: what stands around the picture, and which step is shown beside it.
import { useLayoutEffect, useRef } from "preact/hooks";
import { languages, type Tag } from "../words/languages.ts";
import { AskDialog, CheckDialog, DropDialog, RemoveDialog } from "./parts/Dialogs.tsx";
import { Filmstrip } from "./parts/Filmstrip.tsx";
import { Foot } from "./parts/Foot.tsx";
import { LinkDialog } from "./parts/LinkDialog.tsx";
import { Notices } from "./parts/Notices.tsx";
import { Stage } from "./parts/Stage.tsx";
import { Steps } from "./parts/Steps.tsx";
import { Icon, Mark } from "./parts/icons.tsx";
import type { Item } from "./state/item.ts";
import { allCopied, current, items, step } from "./state/items.ts";
import { broken, checking } from "./state/notices.ts";
import { language, switchTo, words } from "./speech.ts";
import { Cover } from "./steps/Cover.tsx";
import { Done } from "./steps/Done.tsx";
import { Open } from "./steps/Open.tsx";
import { Save } from "./steps/Save.tsx";
import { Welcome } from "./steps/Welcome.tsx";

function LanguageSwitch() {
  const { app } = words();
  return (
    <label class="language">
      <Icon name="globe" />
      <span class="hidden">{app.language}</span>
      <select value={language().tag} onChange={(event) => void switchTo(event.currentTarget.value as Tag)}>
        {languages.map(({ tag, name, lang }) => (
          <option key={tag} value={tag} lang={lang}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function Head() {
  const { app, check } = words();
  return (
    <header class="head">
      <a class="skip" href="#stage">
        {app.skip}
      </a>
      <p class="brand">
        <Mark />
        {app.name}
      </p>
      <Steps />
      <div class="head-end">
        <button type="button" class="round" aria-label={check.heading} title={check.heading} onClick={() => (checking.value = true)}>
          <Icon name="shield" />
        </button>
        <LanguageSwitch />
      </div>
    </header>
  );
}

/**
 * Who goes to another step hears where they are: the heading of the step takes the focus. That is done before the step is
 * first painted: a page that jumped later would take away the button under a finger.
 */
function useFocusOnStep(place: string): void {
  const before = useRef(place);
  useLayoutEffect(() => {
    if (before.current !== place) {
      before.current = place;
      scrollTo(0, 0);
      document.getElementById(place === "none" ? "stage" : "panel-heading")?.focus({ preventScroll: true });
    }
  }, [place]);
}

function Work({ item }: { item: Item }) {
  const { app } = words();
  const done = step.value === "save" && allCopied.value;
  return (
    <main id={done ? "stage" : undefined} class={done ? "work work-done" : `work work-${step.value}`}>
      <h1 class="hidden">{app.title}</h1>
      {done ? (
        <Done />
      ) : (
        <>
          <Stage key={item.id} item={item} />
          <section class="panel" aria-labelledby="panel-heading">
            {step.value === "open" ? <Open item={item} /> : step.value === "cover" ? <Cover item={item} /> : <Save item={item} />}
          </section>
        </>
      )}
      {!done && items.value.length > 1 && <Filmstrip />}
    </main>
  );
}

export function App() {
  const { faults } = words();
  const item = current.value;
  const done = step.value === "save" && allCopied.value;
  useFocusOnStep(item === null ? "none" : done ? "done" : step.value);
  return (
    <>
      <div class={item === null || done ? "screen" : "screen screen-full"}>
        <Head />
        <Notices />
        {broken.value ? (
          <main class="welcome">
            <p role="alert">{faults.start}</p>
          </main>
        ) : item === null ? (
          <main>
            <Welcome />
          </main>
        ) : (
          <Work item={item} />
        )}
      </div>
      {(item === null || done || step.value !== "cover") && <Foot />}
      <CheckDialog />
      <AskDialog />
      <DropDialog />
      <RemoveDialog />
      <LinkDialog />
    </>
  );
}
