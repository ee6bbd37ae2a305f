const rows = [72, 58, 84, 66, 50, 78, 62];

/** The shape of what is coming. The words for it stand beside it for those who do not see it. */
export function ListSkeleton() {
  return (
    <div class="skeleton-rows" aria-hidden="true">
      {rows.map((width) => (
        <div class="skeleton-row" key={width}>
          <span class="skeleton skeleton-avatar" />
          <span class="skeleton-lines">
            <span class="skeleton skeleton-line skeleton-line-short" />
            <span class={`skeleton skeleton-line skeleton-line-${width > 65 ? 'long' : 'middle'}`} />
          </span>
        </div>
      ))}
    </div>
  );
}

export function LogSkeleton() {
  return (
    <div class="skeleton-log" aria-hidden="true">
      <span class="skeleton skeleton-bubble" />
      <span class="skeleton skeleton-bubble skeleton-bubble-wide" />
      <span class="skeleton skeleton-bubble skeleton-bubble-own" />
      <span class="skeleton skeleton-bubble skeleton-bubble-wide" />
      <span class="skeleton skeleton-bubble skeleton-bubble-own skeleton-bubble-wide" />
    </div>
  );
}
