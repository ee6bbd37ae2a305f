/**
 * The launcher's look. `!important` in :host wins over whatever the page says to the element, however loudly
 * (CSS Cascading 5, section 6.2: important declarations of the inner context come first).
 */
export const style = `:host{all:initial!important;color-scheme:light dark!important;position:fixed!important;z-index:2147483000!important}
.launcher{position:fixed;inset-block-end:calc(20px + env(safe-area-inset-bottom));inset-inline-end:20px;width:56px;height:56px;padding:14px;border:0;border-radius:50%;background:var(--cl-accent,#2152d9);color:var(--cl-on-accent,#fff);cursor:pointer;box-shadow:0 1px 3px #0003,0 8px 24px #0004}
:host([data-position=start]) .launcher{inset-inline:20px auto}
.launcher:focus-visible{outline:3px solid var(--cl-accent,#2152d9);outline-offset:3px}
svg{display:block;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}
@media print{:host{display:none!important}}`;
