/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stage's size, and the image that is on it. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
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

const compared = ["url", "width", "height", "cellWidth", "cellHeight", "gridX", "gridY", "regions"] as const;

/** The picture of before, while it says the same: so that nothing is drawn again without need. */
export function useSame(picture: Picture): Picture {
  const last = useRef(picture);
  const [a, b] = [last.current.shows, picture.shows];
  const shows =
    a === b || (a !== null && b !== null && a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height);
  if (!shows || compared.some((key) => last.current[key] !== picture[key])) last.current = picture;
  return last.current;
}

export interface Shown {
  picture: Picture;
  image: HTMLImageElement;
}

function imageOf(url: string): HTMLImageElement {
  const image = new Image();
  image.src = url;
  image.alt = "";
  image.draggable = false;
  image.className = "osk-image";
  return image;
}

/** The newest picture whose image is decoded: until then the one before stays, and so does what is painted
 *  over it. A picture that the browser can't decode is given all the same. */
export function useShown(picture: Picture): Shown {
  const [shown, setShown] = useState<Shown>(() => ({ picture, image: imageOf(picture.url) }));
  useEffect(() => {
    if (picture === shown.picture) return;
    if (picture.url === shown.picture.url) return setShown({ picture, image: shown.image });
    let wanted = true;
    const image = imageOf(picture.url);
    const take = () => {
      if (wanted) setShown({ picture, image });
    };
    image.decode().then(take, take);
    return () => {
      wanted = false;
    };
  }, [picture, shown]);
  return shown;
}
