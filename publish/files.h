/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of a publication, for whoever may see them. */
#ifndef OSK_PUBLISH_FILES_H
#define OSK_PUBLISH_FILES_H

#include "http/route.h"
#include "publish/index.h"

typedef struct OskFileAsked {
    unsigned number; /* of a rendition, from 1; 0 is the copy */
    bool saves;      /* under a neutral name, and not shown */
} OskFileAsked;

/* Answers with the file or the part of it that is asked for. False, and there is no answer, when it
 * can't be opened: it is gone, or has moved (osk_index_find_anew()).
 * @param asked its number is at most the piece's rendition_count. */
bool osk_file_answer(OskStore *store, OskRequest *request, const OskPiece *piece,
                     const OskFileAsked *asked);

#endif
