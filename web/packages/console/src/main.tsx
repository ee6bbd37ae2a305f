import { render } from 'preact';
import '@clearline/tokens/tokens.css';
import './styles/index.css';
import { httpApi } from './app/api.ts';
import { App } from './app/app.tsx';
import { loadPreferences } from './app/preferences.ts';
import { startRouter } from './app/router.ts';

/** Reading the property alone throws where a browser denies storage. */
function localStorageOrNull(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

const storage = localStorageOrNull();
const socketUrl = `${window.location.origin.replace(/^http/, 'ws')}/ws`;
const root = document.getElementById('app');

if (root !== null) {
  render(
    <App
      api={httpApi()}
      preferences={loadPreferences(storage, navigator.languages)}
      router={startRouter(window)}
      socketUrl={socketUrl}
      storage={storage}
    />,
    root,
  );
}
