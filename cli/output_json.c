/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/output_json.h"

#include <inttypes.h>

#include "cli/command.h"
#include "cli/output_text.h"
#include "host/printable.h"
#include "oilskin/oilskin.h"

void osk_json_member(FILE *out, const char *name, const char *text)
{
    fprintf(out, ", \"%s\": ", name);
    osk_printable_json(out, text);
}

void osk_json_number(FILE *out, const char *name, uint64_t value)
{
    fprintf(out, ", \"%s\": %" PRIu64, name, value);
}

void osk_json_begin(FILE *out, const char *thing)
{
    fprintf(out, "{\"schema\": \"oilskin/%s/1\", \"version\": \"%s\", \"files\": [", thing,
            osk_version());
}

static void print_fault(FILE *out, const OskResult *result)
{
    const OskFault *fault = &result->fault;
    fputs(", \"fault\": {\"what\": ", out);
    osk_printable_json(out, fault->what != NULL ? fault->what : "");
    if (fault->part != NULL && fault->part[0] != 0) {
        osk_json_member(out, "part", fault->part);
    }
    if (fault->offset != OSK_NO_OFFSET) {
        osk_json_number(out, "offset", fault->offset);
    }
    osk_json_member(out, "next", osk_next_step(result->format, fault));
    fputc('}', out);
}

void osk_json_file(FILE *out, const OskFile *file, const OskResult *result, size_t index)
{
    fputs(index == 0 ? "\n  {\"file\": " : ",\n  {\"file\": ", out);
    osk_printable_json(out, file->path);
    fprintf(out, ", \"status\": \"%s\", \"exit\": %d", osk_status_name(result->status),
            osk_exit_code(osk_result_verdict(result)));
    if (result->format != NULL) {
        osk_json_member(out, "format", result->format->name);
        osk_json_member(out, "media_type", result->format->media_type);
    }
    osk_json_number(out, "size", result->size);
    if (result->outsider != OSK_INSIDER) {
        fputs(", \"left_alone\": true", out);
    }
    if (osk_result_verdict(result) != OSK_OK) {
        print_fault(out, result);
    }
}

static void print_finding(FILE *out, const OskFinding *finding, bool first)
{
    fprintf(out, "%s\n    {\"kind\": \"%s\"", first ? "" : ",", osk_kind_name(finding->kind));
    osk_json_member(out, "part", finding->part);
    osk_json_member(out, "field", finding->field);
    osk_json_member(out, "label", finding->label);
    osk_json_member(out, "value", finding->value);
    osk_json_number(out, "offset", finding->offset);
    osk_json_number(out, "length", finding->len);
    fprintf(out, ", \"stays\": %s", finding->stays ? "true" : "false");
    fprintf(out, ", \"asked\": %s}", finding->asked ? "true" : "false");
}

void osk_json_findings(FILE *out, const OskReport *report)
{
    bool first = true;
    fputs(", \"findings\": [", out);
    for (int kind = 0; kind < (int)OSK_KIND_COUNT; kind++) {
        for (size_t i = 0; i < osk_report_count(report); i++) {
            const OskFinding *finding = osk_report_at(report, i);
            if ((int)finding->kind == kind) {
                print_finding(out, finding, first);
                first = false;
            }
        }
    }
    fprintf(out, "], \"findings_cut\": %s", osk_report_is_cut(report) ? "true" : "false");
}

void osk_json_plan(FILE *out, const OskScrub *job)
{
    static const char *const verdicts[] = { "keep", "rewrite", "drop", "refuse" };
    size_t count = osk_scrub_step_count(job);
    osk_json_number(out, "output_size", osk_scrub_output_size(job));
    fputs(", \"plan\": [", out);
    for (size_t i = 0; i < count; i++) {
        OskStep step = osk_scrub_step(job, i);
        fprintf(out, "%s\n    {\"verdict\": \"%s\"", i == 0 ? "" : ",", verdicts[step.verdict]);
        osk_json_member(out, "part", step.part->name);
        osk_json_number(out, "offset", step.in_offset);
        osk_json_number(out, "length", step.in_len);
        osk_json_number(out, "output_offset", step.out_offset);
        osk_json_number(out, "output_length", step.out_len);
        fputc('}', out);
    }
    fputc(']', out);
}

void osk_json_file_end(FILE *out)
{
    fputc('}', out);
}

void osk_json_end(FILE *out, int exit_code)
{
    fprintf(out, "\n], \"exit\": %d}\n", exit_code);
}
