/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin redact: what was asked. */
#include <stdlib.h>
#include <string.h>

#include "cli/copying.h"
#include "cli/jobs.h"
#include "cli/region_files.h"
#include "cli/scrub_run.h"
#include "host/folder.h"

static const char help[] =
    "Usage: oilskin redact [OPTIONS] FILE... [-o OUT | -d DIR]\n"
    "\n"
    "Make a copy of a picture in which parts are covered for good. What is painted there is made "
    "of\n"
    "what lies around it and of chance: nobody can bring back what was covered. The copy is "
    "scrubbed,\n"
    "too, and read again by a second reader before it gets its name.\n"
    "\n"
    "What is covered\n"
    "      --region SHAPE   one part, in pixels of the picture as it is displayed; may be given "
    "often:\n"
    "                         rect:x,y,w,h    ellipse:x,y,w,h    polygon:x,y,x,y,x,y...\n"
    "                         stroke:radius,x,y,x,y...\n"
    "                       numbers may all be percent (rect:10%,20%,30%,30%); :blur, :mosaic or\n"
    "                       :fill#rrggbb behind it is the style of this one\n"
    "      --regions FILE   the regions in a file of JSON; for several pictures a folder with a "
    "file\n"
    "                       NAME.json for each: photo.jpg.json for photo.jpg, and of pictures in\n"
    "                       folders (-r) march/photo.jpg.json for march/photo.jpg\n"
    "      --style=HOW      fill (default), blur or mosaic: how regions look that say nothing "
    "else\n"
    "      --color=#RRGGBB  the colour of fill (default: black)\n"
    "      --invert         cover everything but the regions\n"
    "      --preview OUT    make no copy, but a PNG that shows what would be covered\n"
    "\n"
    "What else is changed\n"
    "      --crop X,Y,W,H   cut off everything else, for good\n"
    "      --rotate=HOW     90, 180 or 270 degrees clockwise, mirror (left and right) or flip "
    "(top and\n"
    "                       bottom)\n"
    "      --resize=N       make the longer side N pixels long where it is longer\n"
    "\n"
    "Where the copy goes (default: beside the original, under a name that says nothing)\n"
    "  -o, --output OUT     into this file; - for standard output\n"
    "  -d, --directory DIR  into this folder, under neutral names\n"
    "      --name=HOW       random (default), number, or keep the name; keep needs -d\n"
    "      --map FILE       add to a private list of which copy came from which original\n"
    "      --force          replace copies that exist already\n"
    "\n"
    "How it is done and told\n"
    "  -r, --recursive      the pictures in folders, too; other files are left alone\n"
    "  -j, --jobs N         N files at once (default: one for each processor)\n"
    "      --icc=HOW        colour profile: rebuild (default), drop or keep, as in oilskin scrub\n"
    "      --memory=SIZE    what one picture may take, such as 8G (default: 4G, at most half of "
    "RAM)\n"
    "      --dry-run        say what would be covered; write nothing\n"
    "      --json           print JSON: schema oilskin/redact/1\n"
    "  -h, --help           print this help\n"
    "\n"
    "FILE may be - for standard input; the copy then goes to standard output.\n"
    "Exit: 0 done, 2 wrong usage, 3 broken file, 4 refused, 5 too large, 6 no memory, 7 could not "
    "be\n"
    "read or written; of several files the highest. A file that is not redacted leaves no copy.\n";

enum {
    OPT_REGION = OSK_COPYING_OWN,
    OPT_REGIONS,
    OPT_STYLE,
    OPT_COLOR,
    OPT_INVERT,
    OPT_PREVIEW,
    OPT_CROP,
    OPT_ROTATE,
    OPT_RESIZE
};

static const struct option options[] = { { "region", required_argument, NULL, OPT_REGION },
                                         { "regions", required_argument, NULL, OPT_REGIONS },
                                         { "style", required_argument, NULL, OPT_STYLE },
                                         { "color", required_argument, NULL, OPT_COLOR },
                                         { "invert", no_argument, NULL, OPT_INVERT },
                                         { "preview", required_argument, NULL, OPT_PREVIEW },
                                         { "crop", required_argument, NULL, OPT_CROP },
                                         { "rotate", required_argument, NULL, OPT_ROTATE },
                                         { "resize", required_argument, NULL, OPT_RESIZE },
                                         OSK_COPYING_OPTIONS,
                                         { NULL, 0, NULL, 0 } };

/* The longest side that any format holds. */
#define SIDE_MAX UINT32_C(0x7FFFFFFF)

/* Everything that was asked for. */
typedef struct Asked {
    OskScrubRun run;
    OskCopyAsked copy;
    OskEdit edit;
    const char *regions; /* FILE or DIR */
    const char *preview;
    bool styled; /* --style or --color */
} Asked;

/* ---- options ---- */

static const char *take_style(Asked *asked, const char *word)
{
    static const char *const words[] = {
        [OSK_REGION_FILL] = "fill", [OSK_REGION_MOSAIC] = "mosaic", [OSK_REGION_BLUR] = "blur", NULL
    };
    int style = osk_word_find(words, word);
    if (style < 0) {
        return "--style wants fill, blur or mosaic";
    }
    asked->styled = true;
    asked->edit.defaults.style = (OskRegionStyle)style;
    return NULL;
}

/* The # may be left out: to a shell it begins a comment. */
static const char *take_color(Asked *asked, const char *text)
{
    text += text[0] == '#' ? 1 : 0;
    if (strlen(text) != 6 || strspn(text, "0123456789abcdefABCDEF") != 6) {
        return "--color wants six hexadecimal digits, as in --color=#c0c0c0";
    }
    unsigned long color = strtoul(text, NULL, 16);
    for (unsigned i = 0; i < 3; i++) {
        asked->edit.defaults.color[i] = (uint8_t)(color >> (16 - 8 * i));
    }
    asked->styled = true;
    return NULL;
}

static const char *take_crop(Asked *asked, const char *text)
{
    static const char wrong[] = "--crop wants four whole numbers of pixels: X,Y,W,H";
    OskEdit *edit = &asked->edit;
    uint32_t *const places[] = { &edit->crop_x, &edit->crop_y, &edit->crop_width,
                                 &edit->crop_height };
    if (edit->crop) {
        return "--crop can be given once";
    }
    edit->crop = true;
    for (size_t i = 0; i < 4; i++) {
        char number[12] = "";
        size_t len = strcspn(text, ",");
        if (len >= sizeof(number) || text[len] != (i < 3 ? ',' : 0)) {
            return wrong;
        }
        memcpy(number, text, len);
        unsigned value = 0;
        if (!osk_parse_number(number, i < 2 ? 0 : 1, SIDE_MAX, &value)) {
            return wrong;
        }
        *places[i] = value;
        text += len + 1;
    }
    return NULL;
}

static const char *take_rotate(Asked *asked, const char *word)
{
    static const char *const words[] = { "90", "180", "270", "mirror", "flip", NULL };
    int way = osk_word_find(words, word);
    if (way < 0) {
        return "--rotate wants 90, 180, 270, mirror or flip";
    }
    if (asked->edit.turn != 0 || asked->edit.mirror) {
        return "--rotate can be given once";
    }
    /* Top and bottom change places when a picture is turned over and then mirrored. */
    asked->edit.turn = way < 3 ? (unsigned)(way + 1) * 90 : way == 4 ? 180 : 0;
    asked->edit.mirror = way >= 3;
    return NULL;
}

static const char *take_region(Asked *asked, char *text)
{
    OskEdit *edit = &asked->edit;
    char **texts = realloc(edit->texts, (edit->text_count + 1) * sizeof(*texts));
    if (texts == NULL) {
        return "not enough memory";
    }
    edit->texts = texts;
    edit->texts[edit->text_count++] = text;
    return NULL;
}

/* Takes one option; returns what is wrong with it, or NULL. */
static const char *take_option(Asked *asked, int option)
{
    switch (option) {
    case OPT_REGION: return take_region(asked, optarg);
    case OPT_REGIONS:
        if (asked->regions != NULL) {
            return "--regions can be given once";
        }
        asked->regions = optarg;
        return NULL;
    case OPT_STYLE: return take_style(asked, optarg);
    case OPT_COLOR: return take_color(asked, optarg);
    case OPT_INVERT: asked->edit.invert = true; return NULL;
    case OPT_PREVIEW: asked->preview = optarg; return NULL;
    case OPT_CROP: return take_crop(asked, optarg);
    case OPT_ROTATE: return take_rotate(asked, optarg);
    case OPT_RESIZE:
        return osk_parse_number(optarg, 1, SIDE_MAX, &asked->edit.resize)
                   ? NULL
                   : "--resize wants a whole number of pixels";
    default: return osk_copying_take(&asked->run, &asked->copy, option);
    }
}

/* ---- what fits together ---- */

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* What is wrong with the regions as a whole, or NULL. */
static const char *check_regions(Asked *asked)
{
    const OskEdit *edit = &asked->edit;
    bool has_regions = asked->regions != NULL || edit->text_count > 0;
    asked->edit.covers = has_regions;
    bool has_shape = edit->crop || edit->turn != 0 || edit->mirror || edit->resize != 0;
    if (!has_regions && (edit->invert || asked->styled)) {
        return edit->invert ? "--invert covers everything but the regions: name at least one"
                            : "--style and --color go with --region or --regions";
    }
    if (!has_regions && asked->preview != NULL) {
        return "--preview shows what would be covered: name at least one region";
    }
    if (!has_regions && !has_shape) {
        return "say what to cover: --region rect:x,y,w,h or --regions FILE";
    }
    if (asked->regions != NULL && is_folder(asked->regions)) {
        asked->edit.folder = asked->regions;
    }
    return NULL;
}

/* A preview is the one thing that is written, into the file that was named. */
static const char *check_preview(Asked *asked)
{
    OskCopyAsked *copy = &asked->copy;
    if (asked->preview == NULL) {
        return NULL;
    }
    if (copy->output != NULL || copy->folder != NULL || copy->naming != NULL || copy->dry_run ||
        asked->run.map_path != NULL) {
        return "--preview makes no copy, so it does not go with -o, -d, --name, --map, --dry-run";
    }
    if (asked->edit.crop || asked->edit.turn != 0 || asked->edit.mirror ||
        asked->edit.resize != 0) {
        return "--preview shows the picture as it is; leave out --crop, --rotate and --resize";
    }
    const OskFormatInfo *named = osk_copy_path_format(asked->preview);
    if (named != NULL && strcmp(named->name, "png") != 0) {
        return "--preview writes a PNG: choose a name that ends in .png";
    }
    asked->edit.preview = true;
    copy->output = asked->preview;
    return NULL;
}

/* Reads the regions that are the same for all files. Returns 0 or the code to exit with. */
static int read_regions(Asked *asked, OskRegions **out_regions)
{
    char *why = NULL;
    OskFault fault = { .status = OSK_OK };
    OskStatus status =
        osk_region_files_read(&asked->edit, asked->edit.folder != NULL ? NULL : asked->regions,
                              out_regions, &why, &fault);
    if (status == OSK_OK) {
        return 0;
    }
    fprintf(stderr, "oilskin redact: %s", why != NULL ? why : fault.what);
    bool in_file = asked->edit.folder == NULL && asked->regions != NULL;
    if (in_file && fault.offset != OSK_NO_OFFSET) {
        bool named = fault.part != NULL && fault.part[0] != 0;
        fprintf(stderr, " (%s%sbyte %zu)", named ? fault.part : "", named ? ", " : "",
                (size_t)fault.offset);
    } else if (fault.offset != OSK_NO_OFFSET) {
        fprintf(stderr, " (character %zu)", (size_t)fault.offset + 1);
    }
    if (fault.next != NULL) {
        fprintf(stderr, "\n  What you can do: %s.\n", fault.next);
    } else {
        fputs("\nTry: oilskin redact --help\n", stderr);
    }
    free(why);
    return in_file ? osk_exit_code(status) : OSK_EXIT_USAGE;
}

static int redact(Asked *asked, char **args)
{
    OskRegions *regions = NULL;
    int code = read_regions(asked, &regions);
    if (code == 0) {
        /* Words are checked above also where each file has a list of its own. */
        asked->edit.regions = asked->edit.folder != NULL ? NULL : regions;
        asked->run.edit = &asked->edit;
        asked->edit.limits = asked->run.options.limits;
        code = osk_copying_run(&asked->run, args);
    }
    osk_regions_free(&regions);
    return code;
}

static int run(int argc, char **argv)
{
    Asked asked = { .run = { .command = &osk_cmd_redact, .threads = osk_jobs_processors() } };
    const char *wrong = NULL;
    int option;
    while ((option = osk_option_next(&osk_cmd_redact, argc, argv, ":o:d:rj:h")) != -1) {
        if (option == 'h' || option == '?') {
            free(asked.edit.texts);
            return option == 'h' ? 0 : OSK_EXIT_USAGE;
        }
        const char *fault = take_option(&asked, option);
        wrong = wrong != NULL ? wrong : fault;
    }
    wrong = wrong != NULL ? wrong : check_preview(&asked);
    wrong = wrong != NULL ? wrong : osk_copying_choose(&asked.run, &asked.copy, argv + optind);
    wrong = wrong != NULL ? wrong : check_regions(&asked);
    int code = wrong != NULL ? osk_usage(&osk_cmd_redact, wrong) : redact(&asked, argv + optind);
    free(asked.edit.texts);
    return code;
}

const OskCommand osk_cmd_redact = { .name = "redact",
                                    .summary = "cover parts of a picture for good",
                                    .help = help,
                                    .options = options,
                                    .run = run };
