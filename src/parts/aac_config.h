/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AudioSpecificConfig, the settings of an AAC decoder: where they end. */
#ifndef OSK_PARTS_AAC_CONFIG_H
#define OSK_PARTS_AAC_CONFIG_H

#include <stdbool.h>

#include "base/cursor.h"

typedef struct OskAacConfig {
    size_t len;         /* bytes that the syntax takes; what follows is slack */
    size_t comment_at;  /* where a program wrote its name into the list of channels */
    size_t comment_len; /* 0: nowhere */
    bool walked;        /* the object type is one whose settings we can walk */
} OskAacConfig;

/* Walks the settings by their syntax. False for object types whose settings we can't walk, and for
 * damage. Source: ISO/IEC 14496-3, 1.6.2.1, 4.4.1 and 4.5.1.2. */
bool osk_aac_config_read(OskCursor config, OskAacConfig *out);

#endif
