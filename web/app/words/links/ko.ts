// SPDX-License-Identifier: GPL-3.0-or-later
import type { LinkWords } from "./catalogue.ts";

export const ko: LinkWords = {
  closed: {
    heading: "누군가가 공유한 내용이 있습니다",
    lead: "보낸 곳: {operator}. 버튼을 누르기 전에는 아무것도 표시되지 않습니다. 미리보기를 가져오는 프로그램도 이 페이지만 봅니다.",
    views: "열 때마다 횟수가 줄어듭니다. 남은 횟수: {views}",
    expires: "열 수 있는 마지막 날: {expires}",
    passphrase: "암호문",
    passphraseHint: "이 링크를 보낸 사람이 알고 있습니다. 틀려도 횟수가 줄지 않습니다.",
    wrong: "암호문이 맞지 않습니다.",
    busy: "지금 너무 많은 사람이 시도하고 있습니다. 잠시 기다렸다가 다시 시도하세요.",
    open: "열기",
  },
  opened: {
    heading: "공유받은 내용",
    minutes: "이 페이지는 이 기기와 다른 기기에서 {minutes}분 동안 열립니다. 더 오래 필요한 것은 저장하세요.",
  },
  gone: {
    heading: "이 링크로는 아무것도 열 수 없습니다",
    text: "종료되었거나, 기간이 지났거나, 허용된 횟수만큼 열렸거나, 주소가 온전하지 않습니다. 보낸 사람에게 물어보세요.",
  },
};
