// SPDX-License-Identifier: GPL-3.0-or-later
// What the pages of links say, in English: the model of the other languages. Slots have the names of template slots.

export const en = {
  closed: {
    heading: "Somebody shared something with you",
    lead: "It comes from {operator}. Nothing is shown before you press the button: programs that fetch previews see this page, too.",
    views: "Opening it counts. Times that it still opens: {views}",
    expires: "Last day on which it opens: {expires}",
    passphrase: "Passphrase",
    passphraseHint: "Who sent you this link knows it. A wrong one uses nothing up.",
    wrong: "This is not the passphrase.",
    busy: "Too many are trying just now. Wait a moment, then try again.",
    open: "Open it",
  },
  opened: {
    heading: "Shared with you",
    minutes: "This page works for {minutes} minutes, on this device and on others. Save what you need for longer.",
  },
  gone: {
    heading: "This link opens nothing",
    text: "It was ended, its time is over, it was opened as often as it may be, or its address is not whole. Ask who sent it.",
  },
};
