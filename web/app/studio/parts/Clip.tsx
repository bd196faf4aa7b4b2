// SPDX-License-Identifier: GPL-3.0-or-later
// A video on the page. A player reads far ahead, into as much as 150 MB each, and keeps that until it is collected: so each is
// emptied when it leaves the page, and a small picture needs a player only until its first frame is there.
import { useEffect, useRef, useState } from "preact/hooks";

/** Some browsers show nothing of a video before they are sent to a moment of it. */
const FIRST_FRAME = "#t=0.1";
/** Longest side of a small picture, in pixels of the screen. */
const SMALL_MAX = 520;

function usePlayer() {
  const player = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = player.current;
    return () => {
      element?.removeAttribute("src");
      element?.load();
    };
  }, []);
  return player;
}

export function Clip({ url, label }: { url: string; label: string }) {
  return <video ref={usePlayer()} class="still" src={`${url}${FIRST_FRAME}`} controls playsInline preload="metadata" aria-label={label} />;
}

/** Null where there is nothing to draw on: then the player stays. */
function drawFrame(player: HTMLVideoElement): HTMLCanvasElement | null {
  const scale = Math.min(1, SMALL_MAX / Math.max(player.videoWidth, player.videoHeight, 1));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(player.videoWidth * scale);
  canvas.height = Math.round(player.videoHeight * scale);
  const context = canvas.getContext("2d");
  if (context === null || canvas.width === 0 || canvas.height === 0) {
    return null;
  }
  context.drawImage(player, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function Player({ url, onFrame }: { url: string; onFrame: (frame: HTMLCanvasElement) => void }) {
  const player = usePlayer();
  const draw = () => {
    const frame = player.current === null ? null : drawFrame(player.current);
    if (frame !== null) {
      onFrame(frame);
    }
  };
  return <video ref={player} src={`${url}${FIRST_FRAME}`} muted playsInline preload="metadata" onLoadedData={draw} />;
}

/** Looked at only: nothing reads this canvas. */
function Frame({ frame }: { frame: HTMLCanvasElement }) {
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => place.current?.replaceChildren(frame), [frame]);
  return <span ref={place} class="clip-frame" />;
}

/** The first frame of a video, small. */
export function ClipThumb({ url }: { url: string }) {
  const [drawn, setDrawn] = useState<{ url: string; frame: HTMLCanvasElement } | null>(null);
  return drawn !== null && drawn.url === url ? (
    <Frame frame={drawn.frame} />
  ) : (
    <Player key={url} url={url} onFrame={(frame) => setDrawn({ url, frame })} />
  );
}
