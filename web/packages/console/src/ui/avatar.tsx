import { avatarColour } from '../model/visitor-label.ts';

interface AvatarProps {
  readonly id: string;
  readonly letters: string;
  readonly size?: 'small' | 'medium' | 'large';
  /** Undefined: no dot. The words for it stand elsewhere. */
  readonly online?: boolean | undefined;
}

export function Avatar({ id, letters, size = 'medium', online }: AvatarProps) {
  return (
    <span class={`avatar avatar-${size} avatar-colour-${avatarColour(id)}`} aria-hidden="true">
      {letters}
      {online !== undefined && <span class={online ? 'avatar-dot avatar-dot-online' : 'avatar-dot'} />}
    </span>
  );
}

/** The first letter of a name, as the person writes it: one character, however many units it takes. */
export function initial(name: string): string {
  return (Array.from(name.trim())[0] ?? '?').toLocaleUpperCase();
}
