/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom things are sealed to: the keys that the desk was configured with, and each reviewer's own.
 * They change while the server runs. */
#ifndef OSK_DESK_READERS_H
#define OSK_DESK_READERS_H

#include "desk/desk.h"

/* A reply is sealed to its receipt, too. */
#define OSK_DESK_KEYS_MAX (OSK_SEAL_RECIPIENTS_MAX - 1)

/* All of them, each once, the configured ones first; how many. */
size_t osk_desk_recipients(OskDesk *desk, OskRecipient out[OSK_SEAL_RECIPIENTS_MAX]);
/* Whether it is one of them. */
bool osk_desk_is_reader(OskDesk *desk, const OskRecipient *recipient);
/* Whether one more could be sealed to; true when it is among them. */
bool osk_desk_has_room_for(OskDesk *desk, const OskRecipient *recipient);
/* Tells whoever seals for the desk (OskDeskOptions), where they are others than it was told last.
 */
void osk_desk_tell_readers(OskDesk *desk);

#endif
