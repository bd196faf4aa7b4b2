// SPDX-License-Identifier: GPL-3.0-or-later
// What the desk says, in English: the catalogue that every other language mirrors (catalogue.ts).
//
// Strings take values as {name}. An object with one/other is a plural, chosen by {n}. Reviewers read this for hours: few
// words, always the same ones for the same thing.

export const en = {
  app: {
    name: "Oilskin",
    desk: "desk",
    title: "Oilskin desk",
    skip: "Skip to the content",
    pages: "Pages",
    working: "One moment…",
  },
  nav: {
    queue: "Queue",
    signOut: "Sign out",
  },
  faults: {
    offline: "The desk's server can't be reached.",
    loggedOut: "You are no longer signed in.",
    forbidden: "Your role does not allow this.",
    gone: "It is not there any more.",
    quicker: "Somebody else was quicker. Look again.",
    busy: "The server is busy. Try again in a moment.",
    other: "The server said: {what}",
    again: "Try again",
  },
  signIn: {
    heading: "Sign in to the desk",
    name: "Name",
    passphrase: "Passphrase",
    code: "Code of your second factor",
    codeHint: "Six digits. Leave it empty if you have none.",
    go: "Sign in",
    wrong: "The name, the passphrase or the code is wrong.",
    rest: "Too many tries. Wait half a minute.",
  },
  first: {
    heading: "Make the first admin",
    lead: "This link works once. Whoever uses it runs the desk.",
    passphraseHint: "At least 12 letters. Four random words are good.",
    recipient: "Your public key (age1…)",
    recipientHint: "The key itself stays with you. “oilskin keygen” makes one.",
    go: "Make the first admin",
    wrong: "This link does not work any more, or one of the fields is not right.",
  },
  views: {
    label: "What is shown",
    new: "New",
    kept: "Kept",
    flagged: "Flagged",
    dismissed: "Dismissed",
    all: "All",
  },
  kinds: {
    scrubbed: "scrubbed",
    original: "original",
    unscrubbed: "not scrubbed",
    device: "sealed on the sender's device",
    words: "words only",
  },
  queue: {
    heading: "Queue",
    list: "What is to be looked at",
    empty: "Nothing here.",
    emptyNew: "Nothing new. Everything that came has been looked at.",
    files: { one: "{n} file", other: "{n} files" },
    submissions: { one: "{n} submission", other: "{n} submissions" },
    differences: { one: "{n} difference", other: "{n} differences" },
    days: "{first} to {last}",
    hasWords: "has words",
    held: "legal hold",
    claimed: "taken by {name}",
    more: "Show more",
    file: "File {number}",
  },
} as const;
