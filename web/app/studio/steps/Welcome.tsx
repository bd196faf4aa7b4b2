// SPDX-License-Identifier: GPL-3.0-or-later
// The empty page: open something, or try it on a drawing.
import { useState } from "preact/hooks";
import { OpenButton } from "../parts/OpenButton.tsx";
import { Scene } from "../parts/Scene.tsx";
import { Icon } from "../parts/icons.tsx";
import { addFiles } from "../state/items.ts";
import { terms } from "../state/linking.ts";
import { checking, offlineReady } from "../state/notices.ts";
import { words } from "../speech.ts";

async function sample(): Promise<void> {
  const answer = await fetch(`${import.meta.env.BASE_URL}sample.jpg`);
  if (!answer.ok) {
    throw new Error(answer.statusText);
  }
  addFiles([await answer.blob()]);
}

export function Welcome() {
  const [failed, setFailed] = useState(false);
  const { open, check, faults, device, link } = words();
  return (
    <div class="welcome">
      <div class="welcome-words">
        <h1 id="stage" tabIndex={-1}>
          {open.heading}
        </h1>
        <p class="lead">{open.lead}</p>
        <div class="welcome-act">
          <OpenButton class="button first large">
            <Icon name="plus" />
            {open.choose}
          </OpenButton>
          <p class="drop-hint">{open.drop}</p>
          <button
            type="button"
            class="button large"
            onClick={() => {
              setFailed(false);
              sample().catch(() => setFailed(true));
            }}
          >
            {open.sample}
          </button>
          <p class="quiet">{open.sampleHint}</p>
          {failed && <p role="alert">{faults.sampleFailed}</p>}
        </div>
        <p class="promise">
          <Icon name="shield" />
          <span>
            {open.stays} {terms.value !== null && `${link.onlyAsked} `}
            <button type="button" class="link" onClick={() => (checking.value = true)}>
              {check.open}
            </button>
          </span>
        </p>
        <p class="quiet formats">{open.formats}</p>
        {offlineReady.value && <p class="quiet formats touch-only">{device.install}</p>}
      </div>
      <Scene />
    </div>
  );
}
