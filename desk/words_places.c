/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A place, what may stand behind it ("account", "is"), a gap, a name. What a name must look like
 * depends on how sure it is that one is meant: a place that is a word of prose, too, or a gap
 * without a colon asks for more. */
#include "desk/words_places.h"

#include "desk/words_mail.h"

#define NONE OSK_WORDS_NONE
#define NAME_MIN 3u        /* in Latin letters; two in others */
#define NAME_MAX 20u       /* in other letters: a sentence in Chinese has no blank */
#define TELLING_LETTERS 3u /* "5pm", "2nd" are no names */
#define NUMBER_MIN 5u      /* where names are numbers */
#define TAG_MAX 6u         /* "anna#1234" */
#define WORDS_MAX 2u       /* "account is" */
#define SIGNS_MAX 4u

/* tests/web/words_check.json has them, too. An ordinary one is a word of prose; where it has a
 * capital, it is meant as a name when it is written so. */
static const char *const sure[] = {
    "bluesky",   "bsky",     "discord",     "douyin",     "facebook",   "face book", "fb",
    "ig",        "insta",    "instagram",   "kakao",      "kakao talk", "kakaotalk", "kik",
    "linkedin",  "mastodon", "qq",          "reddit",     "signal",     "skype",     "snap chat",
    "snapchat",  "telegram", "tg",          "threema",    "tik tok",    "tiktok",    "twitch",
    "twitter",   "viber",    "vk",          "vkontakte",  "wechat",     "weibo",     "weixin",
    "whats app", "whatsapp", "xiaohongshu", "youtube",    "zalo",       "微信",      "薇信",
    "微博",      "抖音",     "快手",        "小红书",     "小紅書",     "推特",      "脸书",
    "臉書",      "电报",     "電報",        "扣扣",       "领英",       "카카오톡",  "카카오",
    "카톡",      "텔레그램", "텔레",        "텔그",       "인스타그램", "인스타",    "페이스북",
    "페북",      "트위터",   "위챗",        "왓츠앱",     "시그널",     "디스코드",  "틱톡",
    "스냅챗",    "바이버",   "스카이프",    "블루스카이", "유튜브",     "마스토돈",  "레딧",
    "تيليجرام",  "تليجرام",  "تيليغرام",    "تليغرام",    "تيلغرام",    "تلغرام",    "تيلجرام",
    "تلجرام",    "تيليقرام", "تلقرام",      "تيلي",       "انستغرام",   "انستاغرام", "انستجرام",
    "انستاجرام", "انستقرام", "انستا",       "فيسبوك",     "فيس بوك",    "الفيس",     "واتساب",
    "واتس اب",   "واتس",     "سناب شات",    "سنابشات",    "سناب",       "تويتر",     "تيك توك",
    "تيكتوك",    "سيغنال",   "سيجنال",      "سكايب",      "فايبر",      "ديسكورد",   "يوتيوب",
    "لينكدان",   NULL
};
static const char *const ordinary[] = { "LINE", "Snap", "Threads", "VX",  "X",     "Face", "라인",
                                        "엑스", "스냅", "لاين",    "اكس", "سيجنل", NULL };

/* With one of these, what follows is a name. */
static const char *const ids[] = { "id",        "handle", "account", "user",   "username",
                                   "user name", "cuenta", "usuario", "compte", "pseudo",
                                   "号",        "號",     "账号",    "帐号",   "帳號",
                                   "号码",      "아이디", "계정",    "حساب",   "حسابي",
                                   "معرف",      "ايدي",   "يوزر",    NULL };
static const char *const links[] = { "is",    "as",     "name", "me",      "es",      "como",
                                     "est",   "comme",  "page", "profile", "channel", "perfil",
                                     "canal", "profil", "是",   "频道",    "頻道",    "公众号",
                                     "은",    "는",     "채널", "قناة",    "صفحة",    NULL };

static bool is_of_handle(uint32_t letter)
{
    return osk_words_is_letter(letter) || osk_words_is_digit(letter) ||
           osk_words_is_one_of(letter, "_.-");
}

static bool is_of_latin_handle(uint32_t letter)
{
    return osk_words_is_latin(letter) || osk_words_is_digit(letter) ||
           osk_words_is_one_of(letter, "_.-");
}

/* With dots a sentence would end there. */
static bool is_of_other_handle(uint32_t letter)
{
    return osk_words_is_letter(letter) || osk_words_is_digit(letter) || letter == '_';
}

size_t osk_words_match_handle(const OskWordsLine *line, size_t at)
{
    size_t end = osk_words_trim(line, at + 1, osk_words_pass(line, at + 1, is_of_handle), ".-");
    bool has_letter = false;
    for (size_t i = at + 1; i < end; i++) {
        has_letter = has_letter || osk_words_is_letter(line->plain[i]);
    }
    if (end < at + 3 || !has_letter) {
        return NONE;
    }
    size_t host = line->plain[end] == '@' ? osk_words_match_host(line, end + 1) : NONE;
    return host != NONE ? host : end;
}

/* ---- the place ---- */

typedef struct Place {
    size_t end;
    bool is_ordinary;
    bool is_loud; /* an ordinary one, written as a name is */
    bool has_id;
    bool is_numbered; /* names there are numbers */
} Place;

/* Whether what ends at `end` has a capital wherever its entry has one. */
static bool is_loud(const OskWordsLine *line, size_t at, size_t end)
{
    static const char *const all[] = { "line", "vx", NULL };
    bool is = osk_words_is_capital(line->plain[at]);
    for (size_t i = at; osk_words_is_any(line, at, end, all) && i < end; i++) {
        is = is && osk_words_is_capital(line->plain[i]);
    }
    return is;
}

static bool find_place(const OskWordsLine *line, size_t at, Place *out)
{
    static const char *const numbered[] = { "qq", "扣扣", NULL };
    size_t end = osk_words_match(line, at, sure);
    bool is_sure = end != NONE;
    end = is_sure ? end : osk_words_match(line, at, ordinary);
    if (end == NONE) {
        return false;
    }
    *out = (Place){ .end = end,
                    .is_ordinary = !is_sure,
                    .is_loud = !is_sure && is_loud(line, at, end),
                    .is_numbered = osk_words_is_any(line, at, end, numbered) };
    return true;
}

static bool is_joint(uint32_t letter)
{
    return letter == ' ' || letter == '-' || letter == '_';
}

/* "WeChat ID", "微信号", "account is" */
static void pass_words(const OskWordsLine *line, Place *place)
{
    for (size_t i = 0; i < WORDS_MAX; i++) {
        size_t from = osk_words_pass(line, place->end, is_joint);
        size_t end = osk_words_match(line, from, ids);
        const bool is_id = end != NONE;
        end = is_id ? end : osk_words_match(line, from, links);
        /* "me_b" is a name. */
        if (end == NONE ||
            (osk_words_is_latin(line->plain[from]) && osk_words_is_wordy(line->plain[end]))) {
            return;
        }
        place->has_id = place->has_id || is_id;
        place->end = end;
    }
}

/* ---- the gap and the name ---- */

static bool is_of_gap(uint32_t letter)
{
    return osk_words_is_one_of(letter, ":=-|/>()[]*~") || letter == OSK_WORDS_BULLET ||
           osk_words_is_drawn(letter);
}

/* Where the name begins. */
static size_t pass_gap(const OskWordsLine *line, size_t at, bool *out_said)
{
    size_t from = osk_words_pass(line, at, osk_words_is_blank);
    *out_said = false;
    for (size_t i = 0; i < SIGNS_MAX && from < line->count && is_of_gap(line->plain[from]); i++) {
        *out_said = *out_said || osk_words_is_one_of(line->plain[from], ":=");
        from = osk_words_pass(line, from + 1, osk_words_is_blank);
    }
    return from;
}

typedef struct Handle {
    size_t from;
    size_t end;
    bool is_latin; /* it begins so */
    bool has_letter;
    bool is_number;  /* nothing but digits, and enough of them */
    bool is_telling; /* it looks like a name, whatever stands before it */
    bool has_line;
} Handle;

static void read_handle(const OskWordsLine *line, size_t from, Handle *out)
{
    const bool is_latin = is_of_latin_handle(line->plain[from]);
    size_t end = osk_words_pass(line, from, is_latin ? is_of_latin_handle : is_of_other_handle);
    size_t latin = 0;
    size_t signs = 0;
    end = osk_words_trim(line, from, end, ".-");
    *out = (Handle){ .from = from, .end = end, .is_latin = is_latin };
    out->is_number = end >= from + NUMBER_MIN;
    for (size_t i = from; i < end; i++) {
        uint32_t letter = line->plain[i];
        out->has_letter = out->has_letter || osk_words_is_letter(letter);
        out->has_line = out->has_line || letter == '_';
        out->is_number = out->is_number && osk_words_is_digit(letter);
        latin += osk_words_is_latin(letter) ? 1 : 0;
        signs += osk_words_is_digit(letter) || letter == '.' ? 1 : 0;
    }
    out->is_telling = out->has_line || (latin >= TELLING_LETTERS && signs > 0 &&
                                        osk_words_is_latin(line->plain[from]));
}

/* Whether nothing more is said behind it: no other word. */
static bool is_alone(const OskWordsLine *line, size_t end)
{
    uint32_t next = line->plain[osk_words_pass(line, end, osk_words_is_blank)];
    return !osk_words_is_letter(next) && !osk_words_is_digit(next);
}

static bool is_name(const OskWordsLine *line, const Place *place, const Handle *name, bool is_said)
{
    static const char *const prose[] = {
        "the",  "this",  "that", "these", "those", "they", "there",  "here",   "who",   "what",
        "when", "where", "why",  "how",   "our",   "his",  "her",    "she",    "you",   "your",
        "and",  "but",   "for",  "from",  "with",  "not",  "was",    "were",   "are",   "has",
        "had",  "all",   "one",  "two",   "some",  "many", "people", "police", "los",   "las",
        "una",  "uno",   "para", "por",   "con",   "que",  "como",   "este",   "esta",  "les",
        "des",  "une",   "dans", "pour",  "par",   "avec", "qui",    "cet",    "cette", "ces",
        "son",  "ses",   "est",  "sur",   NULL
    };
    const bool is_odd = place->is_ordinary && !place->has_id;
    if (name->is_number) {
        return place->has_id || (place->is_numbered && is_said);
    }
    if (!name->has_letter || name->end < name->from + (name->is_latin ? NAME_MIN : NAME_MIN - 1)) {
        return false;
    }
    if (!is_said) {
        return is_odd ? name->has_line : name->is_telling;
    }
    if (name->is_telling) {
        return true;
    }
    bool is_short = is_alone(line, name->end) && name->end - name->from <= NAME_MAX;
    bool is_word = osk_words_is_any(line, name->from, name->end, prose);
    return !is_word && (is_odd ? place->is_loud && is_short && name->is_latin &&
                                     !osk_words_is_capital(line->plain[name->from])
                               : name->is_latin || is_short);
}

/* "anna#1234", "anna@mastodon.example" */
static size_t pass_tag(const OskWordsLine *line, size_t end)
{
    size_t tag = line->plain[end] == '#' ? osk_words_pass(line, end + 1, osk_words_is_digit) : end;
    size_t host = line->plain[end] == '@' ? osk_words_match_host(line, end + 1) : NONE;
    return host != NONE ? host : tag > end + 1 && tag <= end + 1 + TAG_MAX ? tag : end;
}

size_t osk_words_match_named(const OskWordsLine *line, size_t at)
{
    Place place = { .end = at };
    bool is_said = false;
    bool is_reddit =
        (line->plain[at] == 'u' || line->plain[at] == 'U') && line->plain[at + 1] == '/';
    if (!is_reddit && !find_place(line, at, &place)) {
        return NONE;
    }
    size_t from = at + 2;
    if (!is_reddit) {
        pass_words(line, &place);
        from = pass_gap(line, place.end, &is_said);
        /* "X_1", "insta2": one word. */
        if (from == place.end && osk_words_is_wordy(line->plain[from - 1])) {
            return NONE;
        }
    }
    Handle name;
    read_handle(line, from, &name);
    return is_name(line, &place, &name, is_said || is_reddit) ? pass_tag(line, name.end) : NONE;
}
