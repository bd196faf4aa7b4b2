/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `oilskin redact` changes in a picture: parts of it covered, cut off, turned, made smaller.
 */
#ifndef OSK_CLI_EDIT_H
#define OSK_CLI_EDIT_H

#include "cli/output_text.h"
#include "cli/result.h"
#include "host/output.h"
#include "host/worker_client.h"

/* What was asked, for all files of a run. Everything is lent. */
typedef struct OskEdit {
    bool covers;               /* regions were named: a file in which none covers is refused */
    const OskRegions *regions; /* of every file; NULL for none */
    const char *folder;        /* the regions of each file stand in FOLDER/NAME.json, or NULL */
    OskRegionDefaults defaults;
    char **texts; /* what --region said, added to those of the folder */
    size_t text_count;
    bool invert;
    bool crop;
    uint32_t crop_x; /* as displayed, before turning and resizing */
    uint32_t crop_y;
    uint32_t crop_width;
    uint32_t crop_height;
    unsigned turn;    /* clockwise: 0, 90, 180, 270 */
    bool mirror;      /* left and right change places, after turning */
    unsigned resize;  /* the longest side at most, 0 for no */
    OskLimits limits; /* of the work on one picture */
    bool preview;     /* a picture of what would be covered, instead of a copy */
} OskEdit;

/* What became of one file. Zeroed, it is that of none. */
typedef struct OskEdited {
    OskWorkerProgress progress; /* told of frames that were decoded, or NULL */
    void *progress_context;
    OskOutput *draft; /* where what osk_edit_streams() is written instead of into memory, or NULL */
    const uint8_t *bytes; /* lent until osk_edited_free() */
    size_t len;
    size_t clean_len; /* of what was edited: the file without what is hidden in it */
    OskPictureInfo before;
    uint32_t width; /* of the result, as displayed */
    uint32_t height;
    bool has_regions;
    bool inverted;
    bool styles[3]; /* which OskRegionStyle there are */
    OskAreas areas;
    uint32_t changes;       /* OSK_CHANGE_* */
    bool was_decoded;       /* by a worker, which is in `worker` */
    OskWorkerResult worker; /* owns `bytes` when there was one, */
    OskView view;           /* this what stands in the draft, */
    uint8_t *own;           /* this otherwise */
} OskEdited;

/* True where the edit is made from the one end of the file to the other, without decoding. */
bool osk_edit_streams(const OskEdit *edit, const OskFormatInfo *format);

/* Changes the picture in `bytes`, which a scrub has made. Safe to call from several threads.
 *
 * @param result gets the fault; what it says may live in `result`, too.
 * Ownership: osk_edited_free(), whatever the status is. */
OskStatus osk_edit_apply(const OskEdit *edit, const OskFile *file, const OskSource *clean,
                         OskResult *result, OskEdited *out_edited);
void osk_edited_free(OskEdited *edited);

/* What a person can do where a format can't be edited or written. */
extern const char osk_edit_next[];

/* Refuses what no edit can be made of yet, before any work: videos. */
OskStatus osk_edit_refuse_video(OskResult *result);

/* Refuses a name for the copy that ends as another format does; `ending` is the one it has. */
OskStatus osk_edit_refuse_name(OskResult *result, const char *ending);

/* Says what was changed, in lines; and as members of JSON. */
void osk_edit_say(FILE *out, const OskEdit *edit, const OskEdited *edited);
void osk_edit_json(FILE *out, const OskEdited *edited);

/* Only what decoding and saving it again has changed, and what the sandbox lacked. */
void osk_edit_say_changes(FILE *out, const OskEdited *edited);
void osk_edit_json_changes(FILE *out, const OskEdited *edited);

#endif
