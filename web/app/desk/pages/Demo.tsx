// SPDX-License-Identifier: GPL-3.0-or-later
// Where the link of a demonstration leads: in, with its key, without a question.
import { useEffect, useState } from "preact/hooks";
import { faultText } from "../fault_text.ts";
import { words } from "../speech.ts";
import { enterDemo, isDemo } from "../state/demo.ts";

export function Demo({ link }: { link: string }) {
  const { app, demo } = words();
  const [fault, setFault] = useState<unknown>(null);
  useEffect(() => {
    enterDemo(link).catch(setFault);
  }, [link]);
  return (
    <section class="card" aria-label={demo.heading}>
      <h1 tabIndex={-1}>{demo.heading}</h1>
      {!isDemo.value ? (
        <p role="alert" class="fault">
          {demo.none}
        </p>
      ) : fault !== null ? (
        <p role="alert" class="fault">
          {faultText(fault)}
        </p>
      ) : (
        <p role="status">{app.working}</p>
      )}
    </section>
  );
}
