// SPDX-License-Identifier: GPL-3.0-or-later
import type { LinkWords } from "./catalogue.ts";

export const zh: LinkWords = {
  closed: {
    heading: "有人与你分享了内容",
    lead: "内容来自 {operator}。在你按下按钮之前不会显示任何内容：抓取预览的程序看到的也是这一页。",
    views: "每次打开都会计数。还可以打开的次数：{views}",
    expires: "可以打开的最后一天：{expires}",
    passphrase: "口令",
    passphraseHint: "把链接发给你的人知道口令。输错不会消耗次数。",
    wrong: "口令不对。",
    busy: "现在尝试的人太多。请稍等片刻再试。",
    open: "打开",
  },
  opened: {
    heading: "与你分享的内容",
    minutes: "本页面在 {minutes} 分钟内有效，在本设备和其他设备上都可以使用。需要长期保留的内容请保存下来。",
  },
  gone: {
    heading: "这个链接打不开任何内容",
    text: "它可能已被终止、已经过期、打开次数已用完，或者地址不完整。请询问发送者。",
  },
};
