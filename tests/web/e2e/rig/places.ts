// SPDX-License-Identifier: GPL-3.0-or-later
// Where things lie: the tree, the program and the pages under test, a scratch folder that goes again.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../..", import.meta.url));
/** OILSKIN and OILSKIN_DIST name others, for builds that lie elsewhere. */
export const oilskin = process.env["OILSKIN"] ?? join(root, "build/cli/oilskin");
export const dist = process.env["OILSKIN_DIST"] ?? join(root, "build/web/dist");
/** Publishes without a desk: bench/publish_fill.c. */
export const publishFill = process.env["OILSKIN_PUBLISH_FILL"] ?? join(root, "build-test/bench/publish-fill");
export const scratch = mkdtempSync(join(tmpdir(), "oilskin-e2e-"));
/** Screenshots of what failed. */
export const pictures = join(root, "build/web/e2e");

process.on("exit", () => {
  if (!process.env["OILSKIN_E2E_KEEP"]) rmSync(scratch, { recursive: true, force: true });
});
