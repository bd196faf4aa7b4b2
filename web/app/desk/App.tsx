// SPDX-License-Identifier: GPL-3.0-or-later
// The page: nobody's, or that of who is logged in.
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { pageOf } from "./pages.ts";
import { Demo } from "./pages/Demo.tsx";
import { Join } from "./pages/Join.tsx";
import { LinkInside } from "./pages/LinkInside.tsx";
import { Reset } from "./pages/Reset.tsx";
import { SignIn } from "./pages/SignIn.tsx";
import { DismissQuestion } from "./parts/Deeds.tsx";
import { Help, helping } from "./parts/Help.tsx";
import { NoticeBar } from "./parts/NoticeBar.tsx";
import { useShortcuts } from "./parts/useShortcuts.ts";
import { takeBack } from "./state/acts.ts";
import { notice } from "./state/notice.ts";
import { Head } from "./parts/Head.tsx";
import { isDemo } from "./state/demo.ts";
import { go, type Place, place } from "./route.ts";
import { words } from "./speech.ts";
import { me } from "./state/session.ts";

/** Who goes to another page hears where they are: its heading takes the focus. */
function useFocusOnPage(where: string): void {
  const before = useRef(where);
  useLayoutEffect(() => {
    if (before.current !== where) {
      before.current = where;
      scrollTo(0, 0);
      (document.querySelector<HTMLElement>("#content h1") ?? document.getElementById("content"))?.focus({ preventScroll: true });
    }
  }, [where]);
}

const isLink = ({ page }: Place): boolean => page === "first" || page === "join" || page === "reset";

/** Says where somebody is before anything of the page is read: in its tab, in the history. */
function useTitle(): void {
  const all = words();
  const here = place.value;
  const name = me.value && !isLink(here) ? pageOf(here).name(all, here) : here.page === "reset" ? all.reset.heading : isLink(here) ? all.join.heading : all.signIn.heading;
  useEffect(() => {
    document.title = `${name} – ${all.app.title}`;
  }, [name, all]);
}

function Content() {
  const here = place.value;
  if (me.value === undefined) {
    return <p role="status">{words().app.working}</p>;
  }
  if (here.page === "demo") {
    return <Demo link={here.of} />;
  }
  if (me.value !== null && isLink(here)) {
    return <LinkInside />;
  }
  if (me.value === null) {
    const { page, of: link } = here;
    if (page === "first" || page === "join") {
      return <Join link={link} first={page === "first"} />;
    }
    return page === "reset" ? <Reset link={link} /> : <SignIn />;
  }
  const { show: Shown } = pageOf(here);
  return <Shown key={`${here.page}/${here.of}`} place={here} />;
}

/** What every page of who is logged in has: the last decision's way back, and the keys. */
function Everywhere() {
  useShortcuts({
    u: () => {
      const back = notice.value?.back;
      if (back === undefined) {
        void takeBack();
      } else {
        back();
      }
    },
    "/": () => {
      go("search");
      requestAnimationFrame(() => document.querySelector<HTMLElement>("input[type=search]")?.focus());
    },
    "?": () => (helping.value = true),
  });
  return (
    <>
      <DismissQuestion />
      <NoticeBar />
      <Help />
    </>
  );
}

export function App() {
  const here = place.value;
  useTitle();
  useFocusOnPage(me.value ? `${here.page}/${here.of}` : "out");
  return (
    <>
      {isDemo.value && <aside class="demo">{words().demo.banner}</aside>}
      <Head />
      <main id="content" tabIndex={-1}>
        <Content />
      </main>
      {me.value && <Everywhere />}
    </>
  );
}
