/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all addresses of links share. */
#include "publish/shares.h"

#include <stdlib.h>
#include <string.h>

void *osk_shares_begin(OskPublish *publish, OskRequest *request, size_t size)
{
    void *state = calloc(1, size);
    osk_request_set_state(request, state);
    if (state == NULL) {
        osk_shares_problem(publish, request, OSK_PROBLEM_BUSY);
    }
    return state;
}

void osk_shares_gone(OskPublish *publish, OskRequest *request)
{
    OskFill *fill = osk_fill_begin(publish, request);
    if (fill != NULL) {
        osk_fill_answer_private(&fill, OSK_PUBLISH_GONE, 404);
    }
}

void osk_shares_problem(OskPublish *publish, OskRequest *request, OskProblem problem)
{
    osk_request_add_header(request, "X-Robots-Tag", OSK_ROBOTS_NONE);
    osk_problem_answer(publish, request, problem);
}

static bool may_be_seen(const OskFound *found)
{
    static const OskId none;
    if (found->piece == NULL) {
        return false;
    }
    if (found->piece->state == OSK_PUBLICATION_UNLISTED) {
        return true;
    }
    bool has_album = memcmp(&found->piece->album, &none, sizeof(none)) != 0;
    return found->piece->state == OSK_PUBLICATION_PUBLIC && (found->is_shown || !has_album);
}

bool osk_shares_find(OskPublish *publish, const OskShare *share, OskFound *out, OskFault *fault)
{
    OskStatus status = osk_index_find_anew(publish->index, &share->publication, out, fault);
    fault->status = status;
    if (status == OSK_OK && may_be_seen(out)) {
        return true;
    }
    osk_found_end(out);
    return false;
}
