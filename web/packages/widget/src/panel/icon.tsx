import { iconStrokeWidth, iconViewBox } from '@clearline/tokens/icons';

export function Icon({ path, size = 20 }: { path: string; size?: number }) {
  return (
    <svg
      class="icon"
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
