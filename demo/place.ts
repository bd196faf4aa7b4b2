// SPDX-License-Identifier: GPL-3.0-or-later
// A drop and its desk on this machine, for as long as the demonstration runs.
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const START_MS = 30_000;
const REVIEWER = "demo";
const PASSPHRASE = "nobody-keeps-this-secret";

export interface Place {
  readonly folder: string;
  /** "http://127.0.0.1:1234", without a slash. */
  readonly drop: string;
  readonly desk: string;
  /** "age1…", and the file of its secret. */
  readonly recipient: string;
  readonly keyFile: string;
  /** Who works at the desk, and the file of their passphrase. */
  readonly reviewer: string;
  readonly passphrase: string;
  readonly loginFile: string;
  /** What only somebody at this machine is told: it makes the first admin. */
  readonly firstLink: string;
  run(...words: string[]): string;
  close(): Promise<void>;
}

const found = (text: string, what: RegExp): string => {
  const [, first] = what.exec(text) ?? [];
  if (first === undefined) {
    throw new Error(`${what} is not in what oilskin said: ${text}`);
  }
  return first;
};

const configOf = (recipients: readonly string[], data: string, perSubmission: number): string =>
  [
    "[drop]",
    "demo = yes",
    "operator = DEMONSTRATION: ./run demo, on this machine",
    "readers = DEMONSTRATION: everybody, since everybody has its keys",
    "contact = DEMONSTRATION: nobody",
    "keep_days = 1",
    `files_max = ${perSubmission}`,
    ...recipients.map((one) => `recipient = ${one}`),
    "[server]",
    "listen = 127.0.0.1:0",
    `data = ${data}`,
    "[desk]",
    "listen = 127.0.0.1:0",
    "[publish]",
    "albums = yes",
    "links = yes",
    "title = DEMO",
    "",
  ].join("\n");

/** What the server says until it is open. */
async function readUntilOpen(server: ChildProcess): Promise<string> {
  let said = "";
  const lines = [server.stdout, server.stderr].map((input) => createInterface({ input: input! }));
  return new Promise((settle, refuse) => {
    const late = setTimeout(() => refuse(new Error(`oilskin serve is not open: ${said}`)), START_MS);
    for (const reader of lines) {
      reader.on("line", (line) => {
        said += `${line}\n`;
        if (/The desk is at/.test(said) && /The studio is at/.test(said)) {
          clearTimeout(late);
          settle(said);
        }
      });
    }
    server.once("exit", (code) => refuse(new Error(`oilskin serve ended with ${code}: ${said}`)));
  });
}

/** @param perSubmission files that one submission may have. */
export async function openPlace(oilskin: string, perSubmission: number): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "oilskin-demo-"));
  const data = join(folder, "data");
  const config = join(folder, "oilskin.conf");
  const run = (...words: string[]): string => execFileSync(oilskin, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  mkdirSync(data, { mode: 0o700 });
  const keys = ["desk", "recovery"].map((name, number) => {
    const file = join(folder, `${name}.key`);
    run("keygen", "--demo", String(number), "-o", file);
    run("desk", "open", data, file);
    return { file, recipient: found(readFileSync(file, "latin1"), /(age1[a-z0-9]+)/) };
  });
  const loginFile = join(folder, "login");
  writeFileSync(loginFile, `${PASSPHRASE}\n`, { mode: 0o600 });
  writeFileSync(config, configOf(keys.map(({ recipient }) => recipient), data, perSubmission), { mode: 0o600 });
  const server = spawn(oilskin, ["serve", "--config", config], { stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => server.kill("SIGKILL");
  process.on("exit", kill);
  const close = async () => {
    process.off("exit", kill);
    if (server.exitCode === null && server.signalCode === null) {
      server.kill("SIGTERM");
      await new Promise((settle) => server.once("exit", settle));
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const said = await readUntilOpen(server);
    const [first] = keys;
    return {
      folder,
      drop: found(said, /The drop is at (http:\/\/[0-9.:]+)/),
      desk: found(said, /The desk is at (http:\/\/[0-9.:]+)/),
      recipient: first!.recipient,
      keyFile: first!.file,
      reviewer: REVIEWER,
      passphrase: PASSPHRASE,
      loginFile,
      firstLink: found(run("desk", "first-link", data), /#first=([0-9a-f]{32})/),
      run,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
