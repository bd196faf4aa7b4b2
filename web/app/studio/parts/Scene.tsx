// SPDX-License-Identifier: GPL-3.0-or-later
// The drawing of the empty page: people in the rain, one of them in an oilskin, their faces covered.

interface Person {
  x: number;
  /** Of the shoulders. */
  y: number;
  size: number;
  tone: string;
  cover: "tiles" | "box" | "oval";
}

const crowd: readonly Person[] = [
  { x: 58, y: 148, size: 0.9, tone: "far", cover: "box" },
  { x: 322, y: 146, size: 0.92, tone: "far", cover: "oval" },
  { x: 250, y: 140, size: 0.88, tone: "far", cover: "tiles" },
  { x: 122, y: 152, size: 1.1, tone: "near", cover: "oval" },
  { x: 286, y: 166, size: 1.15, tone: "near", cover: "box" },
  { x: 198, y: 158, size: 1.3, tone: "oil", cover: "tiles" },
];

function Covered({ kind }: { kind: Person["cover"] }) {
  if (kind === "box") {
    return <rect class="scene-cover" x="-24" y="-56" width="48" height="50" />;
  }
  if (kind === "oval") {
    return <ellipse class="scene-cover" cx="0" cy="-32" rx="20" ry="23" />;
  }
  const tiles = [0, 1, 2, 3].flatMap((row) => [0, 1, 2, 3].map((column) => ({ row, column })));
  return (
    <g>
      {tiles.map(({ row, column }) => (
        <rect
          key={`${row}.${column}`}
          class={`scene-tile tile-${(row * 3 + column * 5) % 4}`}
          x={-22 + column * 11}
          y={-56 + row * 11.5}
          width="11.3"
          height="11.8"
        />
      ))}
    </g>
  );
}

export function Scene() {
  return (
    <svg class="scene" viewBox="0 0 380 220" aria-hidden="true" focusable="false" preserveAspectRatio="xMidYMax slice">
      <rect class="scene-sky" width="380" height="220" />
      <path class="scene-town" d="M0 120h34V78h46v28h22V52h40v60h30V70h52v48h26V44h34v58h30V84h66v136H0z" />
      <path class="scene-sign" d="M96 44l74-10 6 40-74 10zM138 78l6 60" />
      <path class="scene-rain" d="M30 20l-6 16M84 12l-6 16M150 10l-6 16M214 22l-6 16M292 14l-6 16M350 26l-6 16M60 60l-6 16M238 58l-6 16M330 62l-6 16M20 96l-6 16M360 100l-6 16" />
      {crowd.map(({ x, y, size, tone, cover }) => (
        <g key={x} transform={`translate(${x} ${y}) scale(${size})`}>
          <path class={`scene-body ${tone}`} d="M-46 90c0-62 10-90 46-90s46 28 46 90z" />
          <ellipse class={`scene-head ${tone}`} cx="0" cy="-30" rx="21" ry="25" />
          <path class={`scene-hair ${tone}`} d="M-23-30c-2-26 10-32 23-32s25 6 23 32c-6-12-14-16-23-16s-17 4-23 16z" />
          <Covered kind={cover} />
        </g>
      ))}
    </svg>
  );
}
