import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

interface PopoverProps {
  readonly label: string;
  readonly trigger: ComponentChildren;
  readonly triggerClass: string;
  /** To which side of the trigger it opens. */
  readonly place: 'above' | 'below';
  readonly children: (close: () => void) => JSX.Element;
}

/** A button and a small non-modal dialog. Escape and a press elsewhere close it; the focus goes in and comes back. */
export function Popover({ label, trigger, triggerClass, place, children }: PopoverProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const id = useId();

  useEffect(() => {
    if (!open) return undefined;
    panel.current?.focus();
    const elsewhere = (event: Event): void => {
      if (event.target instanceof Node && root.current?.contains(event.target) === false) setOpen(false);
    };
    document.addEventListener('pointerdown', elsewhere);
    document.addEventListener('focusin', elsewhere);
    return () => {
      document.removeEventListener('pointerdown', elsewhere);
      document.removeEventListener('focusin', elsewhere);
    };
  }, [open]);

  function close(): void {
    setOpen(false);
    button.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || !open) return;
    // It closes the innermost thing only.
    event.stopPropagation();
    close();
  }

  return (
    <div class="popover" ref={root} onKeyDown={onKeyDown}>
      <button
        type="button"
        ref={button}
        class={triggerClass}
        aria-expanded={open}
        aria-haspopup="dialog"
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {trigger}
      </button>
      {open && (
        <div
          id={id}
          ref={panel}
          class={`popover-panel popover-${place}`}
          role="dialog"
          aria-label={label}
          tabIndex={-1}
        >
          {children(close)}
        </div>
      )}
    </div>
  );
}
