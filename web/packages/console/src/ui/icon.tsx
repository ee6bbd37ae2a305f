import { iconStrokeWidth, iconViewBox } from '@clearline/tokens/icons';

interface IconProps {
  readonly path: string;
  readonly size?: number;
  /** Points along the line of text, so it is mirrored where that runs from right to left. */
  readonly directed?: boolean;
}

/** Decoration: whatever it stands for is said in words beside it or in the label around it. */
export function Icon({ path, size = 18, directed = false }: IconProps) {
  return (
    <svg
      class={directed ? 'icon icon-directed' : 'icon'}
      viewBox={iconViewBox}
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      stroke-width={iconStrokeWidth}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={path} />
    </svg>
  );
}
