// SPDX-License-Identifier: GPL-3.0-or-later
// The language of the page, also for who is not in yet.
import { useId } from "preact/hooks";
import { languageOf, languages } from "../../words/languages.ts";
import { language, switchTo, words } from "../speech.ts";

export function LanguageChoice() {
  const { account } = words();
  const id = useId();
  return (
    <div class="line">
      <label class="hidden" for={id}>
        {account.language}
      </label>
      <select id={id} value={language().tag} aria-describedby={`${id}-hint`} onChange={(event) => void switchTo(languageOf(event.currentTarget.value).tag)}>
        {languages.map(({ tag, lang, name }) => (
          <option key={tag} value={tag} lang={lang}>
            {name}
          </option>
        ))}
      </select>
      <p id={`${id}-hint`} class="hint">
        {account.languageHint}
      </p>
    </div>
  );
}
