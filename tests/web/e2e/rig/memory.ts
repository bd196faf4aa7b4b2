// SPDX-License-Identifier: GPL-3.0-or-later
// What a browser's processes hold together, read from /proc.
import { readdirSync, readFileSync } from "node:fs";

const MIB = 1024;

/** Processes that have the profile's folder in their command line, and all that they started. */
function family(profile: string): number[] {
  const parents = new Map<number, number>();
  const roots = new Set<number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const pid = Number(name);
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      parents.set(pid, Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
      if (readFileSync(`/proc/${name}/cmdline`, "utf8").includes(profile)) roots.add(pid);
    } catch {
      // It ended in between.
    }
  }
  const belongs = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) if (roots.has(at)) return true;
    return false;
  };
  return [...parents.keys()].filter((pid) => pid !== process.pid && belongs(pid));
}

/** Memory of their own (not the program's text, not files mapped), in MiB: shared parts are shared out (PSS). */
export function heldMiB(profile: string): number {
  let total = 0;
  for (const pid of family(profile)) {
    try {
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
      for (const row of ["Pss_Anon", "Pss_Shmem"]) total += Number(new RegExp(`^${row}:\\s+(\\d+)`, "m").exec(rollup)?.[1] ?? 0);
    } catch {
      // It ended in between.
    }
  }
  return total / MIB;
}

/** Watches while `run` runs; the most that was held, in MiB. */
export async function mostHeld(profile: string, run: () => Promise<void>): Promise<number> {
  let most = heldMiB(profile);
  const timer = setInterval(() => {
    most = Math.max(most, heldMiB(profile));
  }, 100);
  try {
    await run();
  } finally {
    clearInterval(timer);
  }
  return most;
}

/** Ends a browser as a phone ends one that it needs the memory of. */
export function killAll(profile: string): void {
  for (const pid of family(profile)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended in between.
    }
  }
}
