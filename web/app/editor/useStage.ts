/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stage's size, and the image that is on it. */
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { RefObject } from "preact";
import type { Picture } from "./types.ts";
import type { Size } from "./view.ts";

export function useSize(element: RefObject<HTMLElement | null>): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const target = element.current;
    if (target === null) return;
    const measure = () => setSize({ width: target.clientWidth, height: target.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(target);
    measure();
    return () => observer.disconnect();
  }, [element]);
  return size;
}

/** The newest picture whose image is decoded: until then the one before stays, and so does what is painted
 *  over it. A picture that the browser can't decode is given all the same. */
export function useShown(picture: Picture): Picture {
  const [shown, setShown] = useState(picture);
  useEffect(() => {
    if (picture.url === shown.url) {
      if (picture !== shown) setShown(picture);
      return;
    }
    let wanted = true;
    const image = new Image();
    image.src = picture.url;
    const take = () => {
      if (wanted) setShown(picture);
    };
    image.decode().then(take, take);
    return () => {
      wanted = false;
    };
  }, [picture, shown]);
  return shown;
}
