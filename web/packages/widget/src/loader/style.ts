/**
 * The launcher's look. `!important` in :host wins over whatever the page says to the element, however loudly
 * (CSS Cascading 5, section 6.2: important declarations of the inner context come first).
 */
export const style = `:host{all:initial!important;color-scheme:light dark!important;position:fixed!important;inset:auto 0 0 auto!important;width:0!important;height:0!important;z-index:2147483000!important;display:block!important}
:host([data-theme=light]){color-scheme:light!important}
:host([data-theme=dark]){color-scheme:dark!important}
.launcher{position:fixed;box-sizing:border-box;inset-block-end:calc(20px + env(safe-area-inset-bottom));inset-inline-end:20px;width:56px;height:56px;padding:14px;margin:0;border:0;border-radius:50%;background:var(--cl-accent,#2152d9);color:var(--cl-on-accent,#fff);cursor:pointer;box-shadow:0 1px 3px #0003,0 8px 24px #0004;-webkit-tap-highlight-color:transparent}
:host([data-position=start]) .launcher{inset-inline:20px auto}
.launcher:hover{filter:brightness(1.08)}
.launcher:focus-visible{outline:3px solid var(--cl-accent,#2152d9);outline-offset:3px}
.launcher svg{display:block;width:28px;height:28px;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}
.badge{position:absolute;inset-block-start:-4px;inset-inline-end:-4px;min-width:22px;height:22px;padding:0 6px;box-sizing:border-box;border-radius:11px;background:#c8281c;color:#fff;font:600 12px/22px system-ui,sans-serif;text-align:center;box-shadow:0 0 0 2px #fff}
.badge:empty{display:none}
@media (max-width:500px),(max-height:420px){.open{display:none}}
@media print{:host{display:none!important}}`;
