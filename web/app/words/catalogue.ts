/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The type of a catalogue: the shape of the English one. A key that is missing, or too many, in
 * another language does not compile. */
import type { en } from "./en.ts";

/** A text that depends on a number, one form for each plural form of its language. */
export type Plural = { readonly [Form in Intl.LDMLPluralRule]?: string } & { readonly other: string };

/** What stands behind a key: a text with `{slots}`, a plural, or a group of them. */
export type Shape<T> = T extends string
  ? string
  : T extends { readonly one: string; readonly other: string }
    ? Plural
    : { readonly [Key in keyof T]: Shape<T[Key]> };

export type Catalogue = Shape<typeof en>;
