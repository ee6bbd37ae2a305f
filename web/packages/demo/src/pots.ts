// The goods, drawn: a silhouette, a dip of glaze that is cut to it, light from one side and a shadow below.
import { drawing } from './dom.ts';

export interface Look {
  /** The silhouette, on a grid of 200 by 200. */
  body: string;
  /** Handles and spouts, drawn behind it with a broad line. */
  behind?: string;
  /** Leaves, drawn behind in green. */
  leaves?: string;
  /** The opening, an ellipse: x, y and both radii. */
  mouth?: [number, number, number, number];
  /** How far down the glaze reaches. */
  glazeTo: number;
  clay: string;
  glaze: string;
  ground: string;
}

let drawn = 0;

export function draw(look: Look, label: string): SVGElement {
  const id = `pot${++drawn}`;
  const wave = `M0 0H200V${look.glazeTo}q-17 12 -34 3t-33 4 -33 -2 -33 5 -33 -4 -34 3Z`;
  const parts: Node[] = [
    drawing('clipPath', { id }, drawing('path', { d: look.body })),
    drawing('rect', { width: 200, height: 200, fill: look.ground }),
    drawing('circle', { cx: 100, cy: 92, r: 76, fill: '#fff', opacity: 0.28 }),
    drawing('ellipse', { cx: 104, cy: 161, rx: 62, ry: 8, fill: '#3a2a1c', opacity: 0.18 }),
  ];
  if (look.leaves) {
    parts.push(drawing('path', { d: look.leaves, fill: '#6f9a78', stroke: '#4e7a5c', 'stroke-width': 1.5 }));
  }
  if (look.behind) {
    const line = { d: look.behind, fill: 'none', 'stroke-linecap': 'round' };
    parts.push(drawing('path', { ...line, stroke: look.clay, 'stroke-width': 12 }));
    parts.push(drawing('path', { ...line, stroke: look.glaze, 'stroke-width': 12, opacity: 0.55 }));
  }
  parts.push(
    drawing('path', { d: look.body, fill: look.clay }),
    drawing(
      'g',
      { 'clip-path': `url(#${id})` },
      drawing('path', { d: wave, fill: look.glaze }),
      drawing('rect', { x: 0, y: 0, width: 70, height: 200, fill: '#fff', opacity: 0.12 }),
      drawing('rect', { x: 128, y: 0, width: 72, height: 200, fill: '#2a1a10', opacity: 0.1 }),
      ...Array.from({ length: 16 }, (_, n) =>
        drawing('circle', {
          cx: 32 + ((n * 53) % 137),
          cy: 60 + ((n * 37) % 92),
          r: 0.9 + (n % 3) * 0.4,
          fill: '#4b3726',
          opacity: 0.35,
        }),
      ),
    ),
  );
  if (look.mouth) {
    const [cx, cy, rx, ry] = look.mouth;
    parts.push(drawing('ellipse', { cx, cy, rx, ry, fill: '#33241a', opacity: 0.45 }));
  }
  return drawing(
    'svg',
    { viewBox: '0 0 200 200', preserveAspectRatio: 'xMidYMid slice', role: 'img', 'aria-label': label },
    ...parts,
  );
}

const cream = '#f2e9db';
const terracotta = '#c9794f';
const sand = '#d9b48c';
const stone = '#b3a697';

export const looks: Record<string, Look> = {
  mug: {
    body: 'M56 64h80v62q0 30-30 30H86q-30 0-30-30Z',
    behind: 'M136 84q34-2 34 22t-38 26',
    mouth: [96, 64, 40, 8],
    glazeTo: 104,
    clay: sand,
    glaze: '#3f6b62',
    ground: '#e7ddcc',
  },
  bowl: {
    body: 'M30 86h140q-3 50-44 64l2 8H72l2-8Q33 136 30 86Z',
    mouth: [100, 86, 70, 12],
    glazeTo: 122,
    clay: terracotta,
    glaze: cream,
    ground: '#dfe4da',
  },
  vase: {
    body: 'M84 38h32q5 0 4 6-2 8-6 14-3 8 3 18 6 8 16 18 18 18 14 38-4 24-32 26H85q-28-2-32-26-4-20 14-38 10-10 16-18 6-10 3-18-4-6-6-14-1-6 4-6Z',
    mouth: [100, 40, 19, 4],
    glazeTo: 88,
    clay: cream,
    glaze: '#34536f',
    ground: '#ead8cb',
  },
  plate: {
    body: 'M18 122q2-10 82-10t82 10q-4 22-48 28l2 6H64l2-6Q22 144 18 122Z',
    mouth: [100, 122, 74, 9],
    glazeTo: 136,
    clay: stone,
    glaze: '#e9b44c',
    ground: '#dfe0e4',
  },
  teapot: {
    body: 'M94 56q-1-12 8-12t8 12q34 6 38 50-2 46-34 52H84q-34-6-36-52 4-44 46-50Z',
    behind: 'M52 122Q20 118 22 74M148 82q34 4 26 34-6 20-30 22',
    glazeTo: 92,
    clay: terracotta,
    glaze: '#2f4a3c',
    ground: '#ece2cf',
  },
  pitcher: {
    body: 'M70 40h66l8 6q-14 8-12 30 12 14 14 40 0 40-20 42H80q-22-2-22-42 2-26 16-40 2-24-4-36Z',
    behind: 'M72 66Q36 64 38 98q2 26 26 30',
    mouth: [104, 42, 33, 5],
    glazeTo: 110,
    clay: sand,
    glaze: '#f6f1e7',
    ground: '#d9e2e0',
  },
  planter: {
    body: 'M48 88h104l-12 62q-2 8-10 8H70q-8 0-10-8Z',
    leaves:
      'M100 92C84 60 90 34 104 20c12 18 12 46-4 72ZM96 92C72 86 52 68 50 46c24 4 42 22 46 46ZM104 92c4-26 22-44 46-48-2 24-20 42-46 48Z',
    mouth: [100, 88, 52, 9],
    glazeTo: 112,
    clay: terracotta,
    glaze: '#e8ddd0',
    ground: '#dbe3d3',
  },
  espresso: {
    body: 'M66 84h60v32q0 26-24 30h38q12 0 8 8-6 6-50 6t-50-6q-4-8 8-8h34q-24-4-24-30Z',
    behind: 'M126 96q22-2 22 12t-26 16',
    mouth: [96, 84, 30, 6],
    glazeTo: 108,
    clay: cream,
    glaze: '#a8483f',
    ground: '#e6dfe3',
  },
};
