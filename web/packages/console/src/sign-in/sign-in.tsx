import { useEffect, useRef, useState } from 'preact/hooks';
import { iconAlert, iconChat } from '@clearline/tokens/icons';
import type { Api, SignInResult } from '../app/api.ts';
import type { Agent } from '@clearline/protocol';
import { t, type WordKey } from '../i18n/index.ts';
import { Icon } from '../ui/icon.tsx';

interface SignInProps {
  readonly api: Api;
  /** Why the person is here again. */
  readonly reason: WordKey | null;
  readonly onSignedIn: (agent: Agent, ticket: string) => void;
}

type Problem = Exclude<SignInResult, { outcome: 'ok' }>;

/** Counts down to zero once a second. */
function useCountdown(): [number, (seconds: number) => void] {
  const [until, setUntil] = useState(0);
  const [now, setNow] = useState(Date.now());
  const left = Math.max(0, Math.ceil((until - now) / 1000));
  useEffect(() => {
    if (left === 0) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [left === 0]);
  return [
    left,
    (seconds) => {
      setNow(Date.now());
      setUntil(Date.now() + seconds * 1000);
    },
  ];
}

function words(problem: Problem, secondsLeft: number): string {
  switch (problem.outcome) {
    case 'wrong':
      return t('wrongCredentials');
    case 'too_many':
      return secondsLeft > 90
        ? t('tooManyTriesMinutes', { count: Math.ceil(secondsLeft / 60) })
        : t('tooManyTries', { count: secondsLeft });
    case 'unreachable':
      return t('serverUnreachable');
    case 'fault':
      return t('serverFault');
  }
}

export function SignIn({ api, reason, onSignedIn }: SignInProps) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [missing, setMissing] = useState<'name' | 'password' | null>(null);
  const [secondsLeft, startCountdown] = useCountdown();
  const nameField = useRef<HTMLInputElement>(null);
  const passwordField = useRef<HTMLInputElement>(null);

  useEffect(() => nameField.current?.focus(), []);

  const isWaiting = problem?.outcome === 'too_many' && secondsLeft > 0;
  const shown = problem?.outcome === 'too_many' && secondsLeft === 0 ? null : problem;

  async function signIn(): Promise<void> {
    if (busy || isWaiting) return;
    const lack = name.trim() === '' ? 'name' : password === '' ? 'password' : null;
    setMissing(lack);
    if (lack !== null) {
      (lack === 'name' ? nameField : passwordField).current?.focus();
      return;
    }
    setBusy(true);
    const result = await api.signIn(name.trim(), password);
    setBusy(false);
    if (result.outcome === 'ok') {
      onSignedIn(result.agent, result.ticket);
      return;
    }
    if (result.outcome === 'too_many') startCountdown(result.retryAfterS);
    setProblem(result);
    passwordField.current?.select();
  }

  return (
    <main class="sign-in">
      <form
        class="sign-in-card"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void signIn();
        }}
      >
        <span class="logo logo-large" aria-hidden="true">
          <Icon path={iconChat} size={24} />
        </span>
        <h1>{t('signInTitle')}</h1>
        <p class="sign-in-lead">{t('signInLead')}</p>
        {reason !== null && shown === null && (
          <p class="callout" role="status">
            {t(reason)}
          </p>
        )}
        {/* Always there, so that what comes into it is read out. */}
        <div role="alert" class="sign-in-alert">
          {shown !== null && (
            <p class="callout callout-danger">
              <Icon path={iconAlert} size={16} />
              <span>{words(shown, secondsLeft)}</span>
            </p>
          )}
        </div>
        <label class="field">
          <span class="field-label">{t('name')}</span>
          <input
            ref={nameField}
            name="username"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            value={name}
            aria-invalid={missing === 'name'}
            aria-describedby={missing === 'name' ? 'sign-in-missing' : undefined}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span class="field-label">{t('password')}</span>
          <input
            ref={passwordField}
            type="password"
            name="password"
            autocomplete="current-password"
            value={password}
            aria-invalid={missing === 'password'}
            aria-describedby={missing === 'password' ? 'sign-in-missing' : undefined}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        {missing !== null && (
          <p class="field-problem" id="sign-in-missing">
            {t(missing === 'name' ? 'nameMissing' : 'passwordMissing')}
          </p>
        )}
        <button type="submit" class="button button-primary button-wide" aria-disabled={busy || isWaiting}>
          {busy ? t('signingIn') : t('signIn')}
        </button>
      </form>
    </main>
  );
}
