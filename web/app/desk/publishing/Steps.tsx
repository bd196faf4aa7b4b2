// SPDX-License-Identifier: GPL-3.0-or-later
// Which step somebody is at: covering, or looking at the copy.
import { useState } from "preact/hooks";
import { given, isNewest, type Working } from "../state/publishing.ts";
import { Cover } from "./Cover.tsx";
import { Look } from "./Look.tsx";

export function Steps({ working }: { working: Working }) {
  const [isLooking, setLooking] = useState(() => {
    const now = given.peek();
    return now !== null && isNewest(now, working);
  });
  return isLooking ? <Look working={working} onBack={() => setLooking(false)} /> : <Cover working={working} onNext={() => setLooking(true)} />;
}
