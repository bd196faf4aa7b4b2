// SPDX-License-Identifier: GPL-3.0-or-later
// What the page of a sealed link says, in English: the model of the other languages. All of it stands in the template; the
// page's script shows what is true. Slots have the names of template slots.

export const en = {
  page: {
    title: "A sealed link",
    heading: "Someone shares something with you",
    skip: "Skip to what is shared",
    language: "Language",
    report: "Nobody who runs this server can see what is sealed. Say what it shows: they can end the link. Leave out what stands behind # in the address: it is the key, and no report needs it.",
    demo: "This is a demonstration. Nothing that is shared here is real.",
  },
  ask: {
    heading: "Not checked by this server",
    unchecked: "What is shared is sealed, and this server has no key: nobody here has seen it, or could.",
    how: "Your device opens it and looks through it first. It is shown only if it is a picture or a video in which nothing is hidden. Else nothing is shown.",
    script: "This needs the page's program (JavaScript), since the key may not leave your browser. It is switched off here.",
    open: "Open",
    views: "Times that it can still be opened: {views}. Opening counts; looking at this page does not.",
    expires: "Last day: {expires}",
  },
  working: { heading: "Opening and looking through it, on your device", bar: "How much has arrived" },
  shown: {
    heading: "Nothing hidden was found in it",
    note: "Your device looked, and this server did not. Who made it, and whether it is true, nobody has checked.",
    alt: "The picture that is shared. Nobody has described it.",
    clip: "The video that is shared",
    save: "Save",
    unseen: "This browser can't show this kind of file. It can be saved.",
  },
  refused: {
    heading: "Nothing is shown",
    key: "The address has no key, or only a part of one: it was cut off on its way. Ask for the whole address.",
    gone: "Nothing is at this address any more: its days are over, it was opened as often as it may be, or somebody ended it.",
    network: "It could not be fetched. Look whether you are connected.",
    wrong: "The key in the address does not open it. Ask for the whole address once more.",
    format: "It is no picture or video that this page knows. It stays closed, since it could do harm.",
    unclean: "Something is hidden in it, or does not belong in a picture or a video. It stays closed, to protect you and those whom it may be about.",
    unread: "This device could not look through all of it. Close other pages, or use another device.",
    again: "Try again",
  },
};
