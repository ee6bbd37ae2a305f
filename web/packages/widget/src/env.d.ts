/** Replaced by the build: the panel's file, relative to the server's root. */
declare const __PANEL_FILE__: string;
declare const __VERSION__: string;

declare module '*.css?inline' {
  const text: string;
  export default text;
}
