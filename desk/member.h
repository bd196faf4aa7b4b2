/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What became of a file when it was folded: a record of the space MEMBER, whose owner and id are
 * the file. A file without one was not folded yet, and stands for itself. */
#ifndef OSK_DESK_MEMBER_H
#define OSK_DESK_MEMBER_H

#include "oilskin/fingerprint.h"
#include "store/store.h"

#define OSK_MEMBER_BYTES 92u

enum {
    OSK_MEMBER_SAMPLED = 1,    /* is shown although it is explained */
    OSK_MEMBER_STANDS_FOR = 2, /* different by having more alone: it shows all of its root */
    OSK_MEMBER_REFUSED = 4     /* what it is matched by could not be read: it stands for itself */
};

typedef struct OskMember {
    OskId cluster;  /* the file of its representative; its own id where it is one */
    OskId root;     /* the cluster that it, or its representative, is like; its own for a new one */
    OskId like;     /* the representative that it was laid over last; zeros for none */
    uint32_t round; /* of the rule that caught it, from 1; 0 when nothing was dismissed */
    uint8_t tier;   /* OskTier */
    uint8_t flags;  /* OSK_MEMBER_* */
    uint16_t distance;
    uint16_t inliers;
    uint16_t covered;
    uint16_t component_16;
    uint16_t component_32;
    uint16_t box[4]; /* thousandths of its frame */
    uint16_t frames;
    uint16_t key_frames;
} OskMember;

void osk_member_write(const OskMember *member, uint8_t out[OSK_MEMBER_BYTES]);
/* False for what is none. */
bool osk_member_read(OskMember *out, const OskBytes *bytes);
/* How far it is from its representative, to put members in order. */
uint32_t osk_member_farness(const OskMember *member);

#endif
