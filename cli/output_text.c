/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/output_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/printable.h"

OskStyle osk_style_for(FILE *out)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    bool wanted =
        (no_color == NULL || no_color[0] == 0) && term != NULL && strcmp(term, "dumb") != 0;
    return (OskStyle){ .colour = wanted && isatty(fileno(out)) == 1 };
}

static const char *bold(OskStyle style)
{
    return style.colour ? "\033[1m" : "";
}

static const char *dim(OskStyle style)
{
    return style.colour ? "\033[2m" : "";
}

static const char *plain(OskStyle style)
{
    return style.colour ? "\033[0m" : "";
}

void osk_format_size(char *out, size_t size, uint64_t bytes)
{
    static const char *const units[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
    if (bytes < 1000) {
        snprintf(out, size, "%u bytes", (unsigned)bytes);
        return;
    }
    double value = (double)bytes / 1000;
    size_t unit = 0;
    while (value >= 999.5 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        value /= 1000;
        unit++;
    }
    snprintf(out, size, value < 9.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

void osk_say_name(FILE *out, const char *path)
{
    if (strcmp(path, "-") == 0) {
        fputs("standard input", out);
    } else {
        osk_printable_text(out, path);
    }
}

bool osk_say_command(FILE *out, const char *command, const char *path)
{
    static const char plain_chars[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        "/._+,@%:=-";
    if (strcmp(path, "-") == 0 || !osk_printable_is_plain(path) || strchr(path, '\'') != NULL) {
        return false;
    }
    const char *quote = strspn(path, plain_chars) == strlen(path) ? "" : "'";
    /* A name that begins with - would be read as an option. */
    fprintf(out, "oilskin %s %s%s%s%s", command, quote, path[0] == '-' ? "./" : "", path, quote);
    return true;
}

void osk_say_file(FILE *out, OskStyle style, const OskFile *file, const OskResult *result)
{
    char size[32];
    fputs(bold(style), out);
    osk_say_name(out, file->path);
    fputs(plain(style), out);
    osk_format_size(size, sizeof(size), result->size);
    fprintf(out, ": %s, %s\n", result->format != NULL ? result->format->title : "unknown format",
            size);
}

/* ---- findings ---- */

static bool same_words(const OskFinding *a, const OskFinding *b)
{
    return strcmp(a->label, b->label) == 0 && strcmp(a->value, b->value) == 0 &&
           strcmp(a->part, b->part) == 0;
}

static void say_finding(FILE *out, OskStyle style, const OskFinding *finding, size_t times)
{
    fprintf(out, "%*s%s", style.indent + 2, "", finding->label);
    if (finding->value[0] != 0) {
        fprintf(out, ": %s", finding->value);
    }
    fprintf(out, "%s  [", dim(style));
    if (finding->part[0] != 0) {
        fprintf(out, "%s, ", finding->part);
    }
    fprintf(out, "byte %" PRIu64, finding->offset);
    if (times > 1) {
        fprintf(out, ", %zu times", times);
    }
    fprintf(out, "]%s\n", plain(style));
}

static OskFate fate_of(const OskFinding *finding)
{
    return finding->asked ? OSK_ASKED_FOR : finding->stays ? OSK_STAYS : OSK_GOES;
}

/* A walk over the findings of one kind; those that say the same one after the other count as one.
 */
static void say_kind(FILE *out, OskStyle style, const OskReport *report, OskKind kind, OskFate fate)
{
    const OskFinding *pending = NULL;
    size_t times = 0;
    size_t shown = 0;
    size_t count = osk_report_count(report);
    for (size_t i = 0; i <= count; i++) {
        const OskFinding *finding = i < count ? osk_report_at(report, i) : NULL;
        if (finding != NULL && (finding->kind != kind || fate_of(finding) != fate)) {
            continue;
        }
        if (pending != NULL && finding != NULL && same_words(pending, finding)) {
            times++;
            continue;
        }
        if (pending != NULL) {
            if (shown == 0) {
                fprintf(out, "%*s%s%s%s\n", style.indent, "", bold(style), osk_kind_words(kind),
                        plain(style));
            }
            shown++;
            if (style.most == 0 || shown <= style.most) {
                say_finding(out, style, pending, times);
            }
        }
        pending = finding;
        times = 1;
    }
    if (style.most > 0 && shown > style.most) {
        fprintf(out, "%*sand %zu more; \"oilskin inspect\" shows all\n", style.indent + 2, "",
                shown - style.most);
    }
}

void osk_say_findings(FILE *out, OskStyle style, const OskReport *report, OskFate fate)
{
    for (int kind = 0; kind < (int)OSK_KIND_COUNT; kind++) {
        say_kind(out, style, report, (OskKind)kind, fate);
    }
    if (osk_report_is_cut(report) && fate == OSK_GOES) {
        fprintf(out, "%*sand more than can be listed\n", style.indent, "");
    }
}

/* ---- the plan ---- */

typedef struct PlanRow {
    const OskPart *part;
    OskVerdict verdict;
    uint64_t pieces;
    uint64_t in_bytes;
    uint64_t out_bytes;
} PlanRow;

/* Parts with one verdict become one row; a plan names few parts, however long it is. */
#define PLAN_ROWS_MAX 400u

static size_t gather_plan(PlanRow *rows, const OskScrub *job)
{
    size_t count = 0;
    size_t steps = osk_scrub_step_count(job);
    for (size_t i = 0; i < steps; i++) {
        OskStep step = osk_scrub_step(job, i);
        size_t at = 0;
        while (at < count && (rows[at].part != step.part || rows[at].verdict != step.verdict)) {
            at++;
        }
        if (at == count) {
            if (count == PLAN_ROWS_MAX) {
                continue;
            }
            rows[count++] = (PlanRow){ .part = step.part, .verdict = step.verdict };
        }
        rows[at].pieces++;
        rows[at].in_bytes += step.in_len;
        rows[at].out_bytes += step.out_len;
    }
    return count;
}

static void say_plan_row(FILE *out, OskStyle style, const PlanRow *row)
{
    static const char *const verdicts[] = { "keep", "rewrite", "drop", "refuse" };
    char before[32];
    char after[32];
    osk_format_size(before, sizeof(before), row->in_bytes);
    osk_format_size(after, sizeof(after), row->out_bytes);
    fprintf(out, "    %-8s%-22s %10s", verdicts[row->verdict], row->part->name, before);
    if (row->verdict == OSK_REWRITE) {
        fprintf(out, " -> %s", after);
    }
    if (row->pieces > 1) {
        fprintf(out, " in %" PRIu64 " pieces", row->pieces);
    }
    fprintf(out, "%s  %s%s\n", dim(style), row->part->meaning, plain(style));
}

void osk_say_plan(FILE *out, OskStyle style, const OskScrub *job)
{
    PlanRow *rows = calloc(PLAN_ROWS_MAX, sizeof(*rows));
    if (rows == NULL) {
        return;
    }
    size_t count = gather_plan(rows, job);
    for (size_t i = 0; i < count; i++) {
        say_plan_row(out, style, &rows[i]);
    }
    free(rows);
}

/* ---- refusals ---- */

static bool is_video(const OskFormatInfo *format)
{
    return format != NULL && strncmp(format->media_type, "video/", 6) == 0;
}

const char *osk_next_step(const OskFormatInfo *format, const OskFault *fault)
{
    if (fault->next != NULL) {
        return fault->next;
    }
    switch (fault->status) {
    case OSK_TRUNCATED:
        return "get it again from where it came from: the end of this one is missing";
    case OSK_MALFORMED:
        return is_video(format)
                   ? "ask for the original file again, or play it, record the screen and "
                     "scrub that recording"
                   : "ask for the original file again, or open it, take a screenshot and "
                     "scrub that";
    case OSK_LIMIT:
        return is_video(format) ? "cut it into shorter videos and scrub those"
                                : "save a smaller version of it and scrub that";
    case OSK_NO_MEMORY: return "close other programs, then run it again";
    case OSK_IO: return "copy the file to this computer's disk, then run it again";
    default:
        return is_video(format) ? "play it, record the screen and scrub that recording"
                                : "open it, take a screenshot and scrub that";
    }
}

static void say_fault(FILE *out, const char *path, const OskFault *fault)
{
    OskStyle style = osk_style_for(out);
    fprintf(out, "%soilskin: ", bold(style));
    osk_say_name(out, path);
    bool refused = osk_status_is_refusal(fault->status);
    fprintf(out, ": %s: %s%s%s", refused ? "refused" : "failed",
            fault->status == OSK_FOUND ? "the copy did not pass the second opinion: " : "",
            fault->what != NULL ? fault->what : "something went wrong", plain(style));
    bool named = fault->part != NULL && fault->part[0] != 0 && strcmp(fault->part, "file") != 0 &&
                 strcmp(fault->part, "folder") != 0 && strcmp(fault->part, "copy") != 0;
    bool placed = fault->offset != OSK_NO_OFFSET && fault->status != OSK_NO_MEMORY;
    const char *where = fault->status == OSK_FOUND ? " of the copy" : "";
    if (named && placed) {
        fprintf(out, " (%s, byte %" PRIu64 "%s)", fault->part, fault->offset, where);
    } else if (named) {
        fprintf(out, " (%s)", fault->part);
    } else if (placed && fault->offset > 0) {
        fprintf(out, " (byte %" PRIu64 "%s)", fault->offset, where);
    }
    fputc('\n', out);
}

void osk_say_refusal(FILE *out, const char *path, const OskFormatInfo *format,
                     const OskFault *fault)
{
    say_fault(out, path, fault);
    fprintf(out, "  %sWhat you can do: %s.\n",
            osk_status_is_refusal(fault->status) ? "So don't share this file. " : "",
            osk_next_step(format, fault));
}

void osk_say_misfit(FILE *out, const char *path, const OskFormatInfo *format, const OskFault *fault)
{
    say_fault(out, path, fault);
    fprintf(out, "  Nothing was written. What you can do: %s.\n", osk_next_step(format, fault));
}
