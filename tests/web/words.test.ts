/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The catalogues say the same things with the same slots, in the plural forms that their languages
 * have; the words of findings are those of the core. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { loadAlbums } from "../../web/app/words/albums/catalogue.ts";
import { en as albumsEn } from "../../web/app/words/albums/en.ts";
import { loadDesk } from "../../web/app/words/desk/catalogue.ts";
import { en as deskEn } from "../../web/app/words/desk/en.ts";
import { loadDrop } from "../../web/app/words/drop/catalogue.ts";
import { en as dropEn } from "../../web/app/words/drop/en.ts";
import { en } from "../../web/app/words/en.ts";
import { loadLinks } from "../../web/app/words/links/catalogue.ts";
import { en as linksEn } from "../../web/app/words/links/en.ts";
import { loadSealed } from "../../web/app/words/sealed/catalogue.ts";
import { en as sealedEn } from "../../web/app/words/sealed/en.ts";
import { labelOf } from "../../web/app/words/findings/label.ts";
import { usual } from "../../web/app/words/findings/usual.ts";
import { valueOf } from "../../web/app/words/findings/value.ts";
import { choose, languageOf, languages, type Tag } from "../../web/app/words/languages.ts";
import { load } from "../../web/app/words/spoken.ts";
import { count, fill, list, percent, pieces, sentences, size } from "../../web/app/words/speak.ts";

const ROOT = new URL("../../", import.meta.url);

interface Entry {
  readonly key: string;
  readonly forms: Readonly<Record<string, string>>;
}

/* Every text below a group; a single text counts as a plural with no form but "". */
function entriesOf(group: object, above: string): Entry[] {
  return Object.entries(group).flatMap(([name, value]: [string, unknown]): Entry[] => {
    const key = above === "" ? name : `${above}.${name}`;
    if (typeof value === "string") {
      return [{ key, forms: { "": value } }];
    }
    assert.ok(typeof value === "object" && value !== null, key);
    if ("other" in value && Object.keys(value).every((form) => /^(zero|one|two|few|many|other)$/.test(form))) {
      return [{ key, forms: value as Readonly<Record<string, string>> }];
    }
    return entriesOf(value, key);
  });
}

const slotsOf = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

const mapOf = (words: object) => new Map(entriesOf(words, "").map((entry) => [entry.key, entry]));
const english = mapOf(en);

/* A catalogue for each page that loads alone. */
const catalogues = [
  { of: "words", model: english, wordsOf: async (tag: Tag) => (await load(tag)).words },
  { of: "words of the drop", model: mapOf(dropEn), wordsOf: loadDrop },
  { of: "words of the desk", model: mapOf(deskEn), wordsOf: loadDesk },
  { of: "words of albums", model: mapOf(albumsEn), wordsOf: loadAlbums },
  { of: "words of links", model: mapOf(linksEn), wordsOf: loadLinks },
  { of: "words of sealed links", model: mapOf(sealedEn), wordsOf: loadSealed },
];

/* The forms that whole numbers ask for; French "many" is for millions, which nobody opens. */
function formsOf(tag: string): string[] {
  const rules = new Intl.PluralRules(tag);
  return [...new Set(Array.from({ length: 1000 }, (_, n) => rules.select(n)))].sort();
}

for (const { tag, of, model: english, wordsOf } of languages.flatMap(({ tag }) => catalogues.map((each) => ({ ...each, tag })))) {
  test(`${of} in ${tag} have the slots and plural forms they need`, async () => {
    const words = await wordsOf(tag);
    const entries = entriesOf(words, "");
    assert.deepEqual(entries.map(({ key }) => key).sort(), [...english.keys()].sort());
    for (const { key, forms } of entries) {
      const model = english.get(key)?.forms ?? {};
      const plural = !("" in model);
      if (plural) {
        assert.deepEqual(Object.keys(forms).sort(), formsOf(tag), key);
      }
      const slots = slotsOf(model[""] ?? model["other"] ?? "");
      for (const [form, text] of Object.entries(forms)) {
        assert.notEqual(text.trim(), "", key);
        /* "one area", the Arabic dual: a form of one number may name it in a word. */
        const named = plural && /^(zero|one|two)$/.test(form);
        const counted = (slot: string): boolean => !(named && slot === "{n}");
        assert.deepEqual(slotsOf(text).filter(counted), slots.filter(counted), `${key} ${form}`);
      }
    }
  });

  test(`${of} in ${tag} promise nothing`, async () => {
    const words = await wordsOf(tag);
    const promises: Readonly<Record<string, RegExp>> = {
      en: /\bsafe(ly)?\b|\bclean(ed)?\b/i,
      es: /\bsegur[oa]s?\b|\blimpi[oa]s?\b/i,
      fr: /(?<!\p{L})(sûre?s?|propres?)(?!\p{L})|sécuri/iu,
      ar: /آمن|نظيف/,
      zh: /安全|干净|洁净/,
      ko: /안전|깨끗/,
    };
    for (const { key, forms } of entriesOf(words, "")) {
      for (const text of Object.values(forms)) {
        assert.doesNotMatch(text, promises[tag] ?? /$^/, key);
      }
    }
  });
}

test("every text of the catalogue is said somewhere", () => {
  const app = new URL("web/app/", ROOT);
  const page = ["studio/", "editor/", "words/findings/"]
    .flatMap((room) => readdirSync(new URL(room, app), { recursive: true, encoding: "utf8" }).map((file) => new URL(room + file, app)))
    .filter((file) => /\.tsx?$/.test(file.pathname))
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
  /* The core names what else changed. */
  const core = readFileSync(new URL("web/wasm/answer.c", ROOT), "utf8");
  const unsaid = [...english.keys()].filter((key) => !new RegExp(`\\b${key.split(".").at(-1)}\\b`).test(key.startsWith("changes.") ? page + core : page));
  assert.deepEqual(unsaid, []);
});

/* A group that stands in two themes would replace the other's, and the compiler says nothing. */
test("each group of the desk's words stands in one theme", async () => {
  const room = new URL("web/app/words/desk/", ROOT);
  const themes = readdirSync(room, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const words = await Promise.all(themes.map(({ name }) => import(new URL(`${name}/en.ts`, room).href) as Promise<{ en: object }>));
  assert.deepEqual(words.flatMap(({ en }) => Object.keys(en)).sort(), Object.keys(deskEn).sort());
});

test("every text of the desk's catalogue is said in its page", () => {
  const room = new URL("web/app/desk/", ROOT);
  const page = readdirSync(room, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => readFileSync(new URL(file, room), "utf8"))
    .join("\n");
  /* What was done, and about what, is named by the server. */
  const deeds = /^audit\.(deeds|about)\./;
  const keys = [...mapOf(deskEn).keys()];
  const unsaid = keys.filter((key) => !deeds.test(key) && !new RegExp(`\\b${key.split(".").at(-1)}\\b`).test(page));
  assert.deepEqual(unsaid, []);
  const server = new URL("desk/", ROOT);
  const code = readdirSync(server, { encoding: "utf8" }).map((file) => readFileSync(new URL(file, server), "utf8")).join("\n");
  assert.deepEqual(keys.filter((key) => deeds.test(key) && !code.includes(`"${key.replace(deeds, "")}"`)), []);
});

test("usual labels are labels of the core", () => {
  const core = coreText();
  for (const label of usual) {
    assert.ok(core.includes(`"${label}"`), label);
  }
});

test("labels of place, time and preview are all usual", () => {
  const known = new Set<string>(usual);
  const row = /OSK_KIND_(?:PLACE|TIME|PREVIEW)[^{}"]*?"[a-z0-9-]+\.[a-z0-9.-]+",\s*"([^"]+)"/g;
  const labels = [...coreText().matchAll(row)].map((match) => match[1] ?? "");
  assert.ok(labels.length > 60, String(labels.length));
  assert.deepEqual(labels.filter((label) => !known.has(label)), []);
});

test("no translation of a label is missing, empty or English", async () => {
  for (const { tag } of languages.filter((language) => language.tag !== "en")) {
    const { findings } = await load(tag);
    assert.ok(findings !== null);
    assert.deepEqual(Object.keys(findings), [...usual]);
    for (const label of usual) {
      const { text, lang } = labelOf(label, findings);
      assert.equal(lang, undefined);
      assert.notEqual(text.trim(), "", label);
      /* "description" and "source" are French, too. */
      assert.ok(text !== label || tag === "fr", `${tag}: ${label}`);
    }
  }
});

test("a label without a translation is marked as English", async () => {
  const { findings } = await load("ar");
  assert.deepEqual(labelOf("directory of old objects", findings), { text: "directory of old objects", lang: "en" });
  assert.deepEqual(labelOf("toString", findings), { text: "toString", lang: "en" });
  assert.deepEqual(labelOf("title", null), { text: "title", lang: undefined });
});

test("the first language that we speak is chosen", () => {
  assert.equal(choose(["de-CH", "fr-CH", "en"]).language.tag, "fr");
  assert.equal(choose(["de-CH", "fr-CH", "en"]).locale, "fr-CH");
  assert.equal(choose(["zh-TW"]).language.lang, "zh-Hans");
  assert.equal(choose([]).language.tag, "en");
  assert.equal(choose(["xx", "not a tag!", "ko_KR"]).language.tag, "ko");
  assert.equal(choose(["ko_KR"]).locale, "ko");
  assert.equal(languageOf("ar").direction, "rtl");
  assert.equal(languageOf("../en").tag, "en");
});

test("numbers and sizes are written as the language writes them", () => {
  assert.equal(fill("{n} files, {what}", { n: 1234 }, "en"), "1,234 files, {what}");
  assert.equal(fill("{name}", { name: "a.jpg" }, "en"), "a.jpg");
  assert.equal(fill("{name}", { name: "a.jpg" }, "ar-EG"), "\u2068a.jpg\u2069");
  assert.equal(fill("{name}", { name: "\u0627.jpg" }, "fr"), "\u2068\u0627.jpg\u2069");
  assert.equal(count({ one: "{n} area", other: "{n} areas" }, 1, "en"), "1 area");
  assert.equal(count({ one: "{n} area", other: "{n} areas" }, 0, "en"), "0 areas");
  assert.equal(count({ two: "two", other: "{n}" }, 2, "ar"), "two");
  assert.equal(count({ one: "{n} zone", other: "{n} zones" }, 1_000_000, "fr"), "1\u202f000\u202f000 zones");
  assert.equal(size(93_000, "en"), "93 kB");
  assert.equal(size(999_600, "en"), "1 MB");
  assert.equal(size(1_240_000, "en"), "1.2 MB");
  assert.match(size(1_240_000, "fr"), /^1,2\sMo$/);
  assert.equal(percent(0.5, "en"), "50%");
  assert.equal(sentences(["a。", "b。"], "zh-Hans"), "a。b。");
  assert.equal(sentences(["A.", "B."], "en"), "A. B.");
  assert.equal(list(["a", "b", "c"], "es"), "a, b y c");
  assert.deepEqual(pieces("see {link}."), [
    { text: "see ", slot: false },
    { text: "link", slot: true },
    { text: ".", slot: false },
  ]);
});

test("usual values are written as the language writes them", async () => {
  const { words } = await load("fr");
  const says = (value: string): string => valueOf(value, "fr", words.values).replace(/\s/g, " ");
  assert.equal(says("2026:05:01 18:42:07"), "1 mai 2026, 18:42:07");
  assert.equal(says("2026:05:01 18:42:07 UTC"), "1 mai 2026, 18:42:07 UTC");
  assert.equal(says("2026-05-01T18:42:07+02:00"), "1 mai 2026, 18:42:07 +02:00");
  assert.equal(says("2026-05-01"), "1 mai 2026");
  assert.equal(says("JPEG, 12215 bytes"), "JPEG, 12 ko");
  assert.equal(valueOf("JPEG, 12215 bytes", "ar", (await load("ar")).words.values).slice(0, 2), "\u200f\u2068");
  assert.equal(says("212.5 degrees"), "212,5°");
  assert.equal(valueOf("-12.5 degrees", "en", en.values), "-12.5\u00b0");
  assert.equal(valueOf("408.1 m", "en", en.values), "408.1 m");
  assert.equal(says("4 values"), "4 valeurs");
  assert.equal(valueOf("XMP with 1 other properties", "en", en.values), "1 value");
});

test("other values are shown as they are", () => {
  const odd = ["", "0000:00:00 00:00:00", "2026:04:31 10:00:00", "2026:13:01", "47.37503, 8.54096", "saved", "x 4 values"];
  for (const value of [...odd, "9".repeat(40) + " bytes", "2026-05-01T18:42:07.123Z", "<b>4 m</b>"]) {
    assert.equal(valueOf(value, "en", en.values), value);
  }
});

/* The core's sources, with string literals that go on in the next line joined. */
function coreText(): string {
  const rooms = ["src/parts/", "src/formats/"].map((room) => new URL(room, ROOT));
  return rooms
    .flatMap((room) => readdirSync(room).map((file) => new URL(file, room)))
    .filter((file) => file.pathname.endsWith(".c") || file.pathname.endsWith(".h"))
    .map((file) => readFileSync(file, "utf8"))
    .join("\n")
    .replace(/"\s*\n\s*"/g, "");
}
