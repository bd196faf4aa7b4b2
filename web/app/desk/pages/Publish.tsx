// SPDX-License-Identifier: GPL-3.0-or-later
// Where one file is made public. The editor and the core come when somebody wants that: who only reads loads none of it.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { PageProps } from "../pages.ts";
import { Fault } from "../parts/Fault.tsx";
import { words } from "../speech.ts";
import { mayPublish, showsCopies } from "../state/session.ts";

/** Whoever came by an address that was not for them. */
function NotHere() {
  const { publish, published, faults } = words();
  return (
    <section class="card">
      <h1 tabIndex={-1}>{publish.headingNone}</h1>
      <p>{showsCopies() ? faults.forbidden : published.off}</p>
    </section>
  );
}

function Wanted(props: PageProps) {
  const [Room, setRoom] = useState<ComponentType<PageProps> | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    setFault(null);
    import("../publishing/Room.tsx").then((room) => setRoom(() => room.Room), setFault);
  }, [turn]);
  if (Room !== null) {
    return <Room {...props} />;
  }
  return fault === null ? <p role="status">{words().app.working}</p> : <Fault cause={fault} onAgain={() => setTurn((n) => n + 1)} />;
}

export function Publish(props: PageProps) {
  return mayPublish() ? <Wanted {...props} /> : <NotHere />;
}
