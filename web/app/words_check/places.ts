// SPDX-License-Identifier: GPL-3.0-or-later
// Names that people have in networks (desk/words_places.c): a place, what may stand behind it ("account", "is"), a gap, a name. What
// a name must look like depends on how sure it is that one is meant: a place that is a word of prose, too, or a gap without a colon
// asks for more.
import { BULLET, isCapital, isDigit, isDrawn, isLatin, isLetter, isOneOf, isWordy, type Line, NONE, Words } from "./line.ts";
import { matchHost } from "./mail.ts";

/** In Latin letters; two in others. */
const NAME_MIN = 3;
/** In other letters: a sentence in Chinese has no blank. */
const NAME_MAX = 20;
/** "5pm", "2nd" are no names. */
const TELLING_LETTERS = 3;
/** Where names are numbers. */
const NUMBER_MIN = 5;
/** "anna#1234" */
const TAG_MAX = 6;
/** "account is" */
const WORDS_MAX = 2;
const SIGNS_MAX = 4;

/* tests/web/words_check.json has both, too. */
const SURE = new Words([
  "bluesky", "bsky", "discord", "douyin", "facebook", "face book", "fb", "ig", "insta", "instagram", "kakao", "kakao talk", "kakaotalk", "kik", "linkedin", "mastodon",
  "qq", "reddit", "signal", "skype", "snap chat", "snapchat", "telegram", "tg", "threema", "tik tok", "tiktok", "twitch", "twitter", "viber", "vk", "vkontakte",
  "wechat", "weibo", "weixin", "whats app", "whatsapp", "xiaohongshu", "youtube", "zalo",
  "微信", "薇信", "微博", "抖音", "快手", "小红书", "小紅書", "推特", "脸书", "臉書", "电报", "電報", "扣扣", "领英",
  "카카오톡", "카카오", "카톡", "텔레그램", "텔레", "텔그", "인스타그램", "인스타", "페이스북", "페북", "트위터", "위챗", "왓츠앱", "시그널", "디스코드", "틱톡", "스냅챗", "바이버", "스카이프", "블루스카이", "유튜브", "마스토돈", "레딧",
  "تيليجرام", "تليجرام", "تيليغرام", "تليغرام", "تيلغرام", "تلغرام", "تيلجرام", "تلجرام", "تيليقرام", "تلقرام", "تيلي", "انستغرام", "انستاغرام", "انستجرام", "انستاجرام", "انستقرام", "انستا",
  "فيسبوك", "فيس بوك", "الفيس", "واتساب", "واتس اب", "واتس", "سناب شات", "سنابشات", "سناب", "تويتر", "تيك توك", "تيكتوك", "سيغنال", "سيجنال", "سكايب", "فايبر", "ديسكورد", "يوتيوب", "لينكدان",
]);
/** Words of prose; where one has a capital here, it is meant as a name when it is written so. */
const ORDINARY = new Words(["LINE", "Snap", "Threads", "VX", "X", "Face", "라인", "엑스", "스냅", "لاين", "اكس", "سيجنل"]);
const ALL_CAPITALS = new Words(["line", "vx"]);
const NUMBERED = new Words(["qq", "扣扣"]);
/** With one of these, what follows is a name. */
const IDS = new Words(["id", "handle", "account", "user", "username", "user name", "cuenta", "usuario", "compte", "pseudo", "号", "號", "账号", "帐号", "帳號", "号码", "아이디", "계정", "حساب", "حسابي", "معرف", "ايدي", "يوزر"]);
const LINKS = new Words(["is", "as", "name", "me", "es", "como", "est", "comme", "page", "profile", "channel", "perfil", "canal", "profil", "是", "频道", "頻道", "公众号", "은", "는", "채널", "قناة", "صفحة"]);
const PROSE = new Words([
  "the", "this", "that", "these", "those", "they", "there", "here", "who", "what", "when", "where", "why", "how", "our", "his", "her", "she", "you", "your", "and", "but", "for", "from", "with", "not", "was", "were", "are", "has", "had", "all", "one", "two", "some", "many", "people", "police",
  "los", "las", "una", "uno", "para", "por", "con", "que", "como", "este", "esta",
  "les", "des", "une", "dans", "pour", "par", "avec", "qui", "cet", "cette", "ces", "son", "ses", "est", "sur",
]);

const isOfHandle = (c: string): boolean => isLetter(c) || isDigit(c) || isOneOf(c, "_.-");
const isOfLatinHandle = (c: string): boolean => isLatin(c) || isDigit(c) || isOneOf(c, "_.-");
/** With dots a sentence would end there. */
const isOfOtherHandle = (c: string): boolean => isLetter(c) || isDigit(c) || c === "_";

/** "@anna", "@anna@mastodon.example": the end of what begins at its @. */
export function matchHandle(line: Line, at: number): number {
  const end = line.trim(at + 1, line.pass(at + 1, isOfHandle), ".-");
  if (end < at + 3 || !line.some(at + 1, end, isLetter)) {
    return NONE;
  }
  const host = line.c(end) === "@" ? matchHost(line, end + 1) : NONE;
  return host !== NONE ? host : end;
}

interface Place {
  readonly end: number;
  readonly isOrdinary: boolean;
  /** An ordinary one, written as a name is. */
  readonly isLoud: boolean;
  readonly hasId: boolean;
  /** Names there are numbers. */
  readonly isNumbered: boolean;
}

function isLoud(line: Line, at: number, end: number): boolean {
  const capitals = line.isAny(at, end, ALL_CAPITALS) ? end : at + 1;
  return line.count(at, capitals, isCapital) === capitals - at;
}

function findPlace(line: Line, at: number): Place | null {
  const sure = line.match(at, SURE);
  const end = sure !== NONE ? sure : line.match(at, ORDINARY);
  if (end === NONE) {
    return null;
  }
  return { end, isOrdinary: sure === NONE, isLoud: sure === NONE && isLoud(line, at, end), hasId: false, isNumbered: line.isAny(at, end, NUMBERED) };
}

/** "WeChat ID", "微信号", "account is" */
function passWords(line: Line, place: Place): Place {
  let { end, hasId } = place;
  for (let i = 0; i < WORDS_MAX; i++) {
    const from = line.pass(end, (c) => isOneOf(c, " -_"));
    const id = line.match(from, IDS);
    const next = id !== NONE ? id : line.match(from, LINKS);
    /* "me_b" is a name. */
    if (next === NONE || (isLatin(line.c(from)) && isWordy(line.c(next)))) {
      break;
    }
    hasId ||= id !== NONE;
    end = next;
  }
  return { ...place, end, hasId };
}

const isOfGap = (c: string): boolean => isOneOf(c, ":=-|/>()[]*~") || c === BULLET || isDrawn(c);

/** Where the name begins; whether a colon says so. */
function passGap(line: Line, at: number): { from: number; isSaid: boolean } {
  let from = line.passBlanks(at);
  let isSaid = false;
  for (let i = 0; i < SIGNS_MAX && isOfGap(line.c(from)); i++) {
    isSaid ||= isOneOf(line.c(from), ":=");
    from = line.passBlanks(from + 1);
  }
  return { from, isSaid };
}

interface Handle {
  readonly from: number;
  readonly end: number;
  /** It begins so. */
  readonly isLatin: boolean;
  readonly hasLetter: boolean;
  /** Nothing but digits, and enough of them. */
  readonly isNumber: boolean;
  /** It looks like a name, whatever stands before it. */
  readonly isTelling: boolean;
  readonly hasLine: boolean;
}

function readHandle(line: Line, from: number): Handle {
  const beginsLatin = isOfLatinHandle(line.c(from));
  const end = line.trim(from, line.pass(from, beginsLatin ? isOfLatinHandle : isOfOtherHandle), ".-");
  const hasLine = line.some(from, end, (c) => c === "_");
  const isTelling = line.count(from, end, isLatin) >= TELLING_LETTERS && line.some(from, end, (c) => isDigit(c) || c === ".") && isLatin(line.c(from));
  return {
    from,
    end,
    isLatin: beginsLatin,
    hasLetter: line.some(from, end, isLetter),
    isNumber: end >= from + NUMBER_MIN && line.count(from, end, isDigit) === end - from,
    isTelling: hasLine || isTelling,
    hasLine,
  };
}

/** Whether nothing more is said behind it: no other word. */
function isAlone(line: Line, end: number): boolean {
  const next = line.c(line.passBlanks(end));
  return !isLetter(next) && !isDigit(next);
}

function isName(line: Line, place: Place, name: Handle, isSaid: boolean): boolean {
  const isOdd = place.isOrdinary && !place.hasId;
  if (name.isNumber) {
    return place.hasId || (place.isNumbered && isSaid);
  }
  if (!name.hasLetter || name.end < name.from + (name.isLatin ? NAME_MIN : NAME_MIN - 1)) {
    return false;
  }
  if (!isSaid) {
    return isOdd ? name.hasLine : name.isTelling;
  }
  if (name.isTelling) {
    return true;
  }
  const isShort = isAlone(line, name.end) && name.end - name.from <= NAME_MAX;
  const fits = isOdd ? place.isLoud && isShort && name.isLatin && !isCapital(line.c(name.from)) : name.isLatin || isShort;
  return fits && !line.isAny(name.from, name.end, PROSE);
}

/** "anna#1234", "anna@mastodon.example" */
function passTag(line: Line, end: number): number {
  const tag = line.c(end) === "#" ? line.pass(end + 1, isDigit) : end;
  const host = line.c(end) === "@" ? matchHost(line, end + 1) : NONE;
  return host !== NONE ? host : tag > end + 1 && tag <= end + 1 + TAG_MAX ? tag : end;
}

/** "IG: anna", "insta anna_b", "微信号 anna99", "u/anna"; "line: people waited" is none. */
export function matchNamed(line: Line, at: number): number {
  const isReddit = isOneOf(line.c(at), "uU") && line.c(at + 1) === "/";
  const found: Place | null = isReddit ? { end: at + 2, isOrdinary: false, isLoud: false, hasId: false, isNumbered: false } : findPlace(line, at);
  if (found === null) {
    return NONE;
  }
  const place = isReddit ? found : passWords(line, found);
  const { from, isSaid } = isReddit ? { from: at + 2, isSaid: true } : passGap(line, place.end);
  /* "X_1", "insta2": one word. */
  if (!isReddit && from === place.end && isWordy(line.c(from - 1))) {
    return NONE;
  }
  const name = readHandle(line, from);
  return isName(line, place, name, isSaid) ? passTag(line, name.end) : NONE;
}
