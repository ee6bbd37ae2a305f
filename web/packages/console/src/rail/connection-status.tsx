// The line, in the rail: a dot with words, and behind it everything that is known of the line.
import { statusEntry } from '@clearline/protocol';
import type { Ending } from '@clearline/sdk';
import { useConsole } from '../app/context.ts';
import { formatLocale, t } from '../i18n/index.ts';
import { connectionWords } from '../model/connection-words.ts';
import { fullTime } from '../model/time-words.ts';
import { CopyButton } from '../ui/copy.tsx';
import { Popover } from '../ui/popover.tsx';

type Fact = readonly [label: string, value: string];

function endingFacts({ status, cause, at, bye }: Ending): Fact[] {
  const facts: Fact[] = [
    [t('statusCode'), `${status} ${statusEntry(status).name}`],
    [t('cause'), cause],
    [t('endedAt'), fullTime(at, formatLocale.value)],
  ];
  return bye?.message === undefined ? facts : [...facts, [t('serverSays'), bye.message]];
}

const asText = (facts: readonly Fact[]): string => facts.map(([label, value]) => `${label}: ${value}`).join('\n');

function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd dir="auto">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function useConnectionWords() {
  const { store, offline } = useConsole();
  return connectionWords({
    state: store.connection.value,
    ending: store.lastEnding.value,
    wasOpen: store.welcome.value !== null,
    offline: offline.value,
    // The time of this device, as downSince is; a tick makes the words follow it.
    now: store.now.value - store.clockAhead,
  });
}

export function ConnectionDot() {
  const { tone } = useConnectionWords();
  return <span class={`status-dot status-dot-${tone}`} aria-hidden="true" />;
}

export function ConnectionStatus({ place }: { readonly place: 'above' | 'below' }) {
  const { store } = useConsole();
  const { word } = useConnectionWords();
  const welcome = store.welcome.value;
  const openedAt = store.openedAt.value;
  const ending = store.lastEnding.value;

  const present: Fact[] = [[t('status'), t(word)]];
  if (welcome !== null) {
    if (store.connection.value.phase === 'open' && openedAt !== null) {
      present.push([t('connectedSince'), fullTime(openedAt, formatLocale.value)]);
    }
    present.push([t('connectionId'), welcome.connection]);
    present.push([t('serverVersion'), `${welcome.server.name} ${welcome.server.version}`]);
  }
  const past = ending === null ? [] : endingFacts(ending);

  return (
    <Popover
      label={t('connectionDetails')}
      place={place}
      triggerClass="rail-status"
      trigger={
        <>
          <ConnectionDot />
          <span class="rail-status-words" role="status">
            {t(word)}
          </span>
        </>
      }
    >
      {() => (
        <>
          <h2 class="popover-title">{t('connection')}</h2>
          <Facts facts={present} />
          <h3 class="popover-subtitle">{t('lastEnd')}</h3>
          {past.length === 0 ? <p class="muted">{t('noEndYet')}</p> : <Facts facts={past} />}
          <CopyButton text={asText([...present, ...past])} label={t('copyDetails')} />
        </>
      )}
    </Popover>
  );
}
