// SPDX-License-Identifier: GPL-3.0-or-later
// Why something was not taken, and what helps, in the page's language.
import { fill, size } from "../words/speak.ts";
import type { Say } from "./say.ts";
import { Refused } from "./tus.ts";

/** In bytes, as the form says them. */
export interface Limits {
  readonly file: number;
  readonly submission: number;
}

export function whyNot(error: unknown, limits: Limits | null, { words, locale }: Say): string {
  const { problem, back } = words;
  const failed = `${problem.fault} ${problem.nextLater}`;
  if (!(error instanceof Refused)) {
    return failed;
  }
  const tooLong = (text: string, name: string, bytes: number) => `${fill(text, { [name]: size(bytes, locale) }, locale)} ${problem.nextShorter}`;
  if (error.message === "withdrawn" || error.status === 410) {
    return problem.withdrawn;
  }
  if (error.status === 403 && error.asked === "submission") {
    return problem.full;
  }
  if (error.status === 507) {
    return `${problem.disk} ${problem.nextShorter}`;
  }
  if (error.status === 415) {
    return problem.uncleaned;
  }
  if (error.status === 422) {
    return problem.categoryPaused;
  }
  if (error.asked === "receipt" && error.status === 400) {
    return error.word === null ? back.wrongCount : fill(back.wrongWord, { number: error.word }, locale);
  }
  if (error.status === 413 && limits !== null && error.asked === "upload") {
    return tooLong(problem.fileTooLong, "file_max", limits.file);
  }
  if (error.status === 413 && limits !== null && error.asked === "submission") {
    return tooLong(problem.tooLong, "submission_max", limits.submission);
  }
  return error.status >= 500 ? failed : `${problem.form} ${problem.nextLater}`;
}
