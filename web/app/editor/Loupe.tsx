/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a finger hides while it draws, larger and beside it. It is the same image and the same drawing, enlarged by
 * style alone: no pixel is read. */
import { whole } from "./box.ts";
import type { Point } from "./regions.ts";
import type { Picture } from "./types.ts";
import { loupe, loupePlace, type Size, toStage, type View } from "./view.ts";

interface LoupeProps {
  /** The id of what is drawn over the image, in stage coordinates. */
  art: string;
  at: Point;
  size: Size;
  picture: Picture;
  view: View;
}

export function Loupe({ art, at, size, picture, view }: LoupeProps) {
  const shows = picture.shows ?? whole(picture);
  const { left, top } = loupePlace(at, size);
  // The middle of the glass is where the finger is.
  const [x, y] = [loupe.side / 2 - at[0] * loupe.power, loupe.side / 2 - at[1] * loupe.power];
  const [imageX, imageY] = toStage(view, [shows.x, shows.y]);
  const scale = view.scale * loupe.power;
  return (
    <div class="osk-loupe" style={{ left: `${left}px`, top: `${top}px` }} aria-hidden="true">
      <img
        class={scale >= 4 ? "osk-image osk-large" : "osk-image"}
        src={picture.url}
        alt=""
        width={shows.width}
        height={shows.height}
        style={{ transform: `translate(${imageX * loupe.power + x}px, ${imageY * loupe.power + y}px) scale(${scale})` }}
      />
      <svg class="osk-overlay" width={loupe.side} height={loupe.side} focusable="false">
        <use href={`#${art}`} transform={`translate(${x} ${y}) scale(${loupe.power})`} />
      </svg>
    </div>
  );
}
