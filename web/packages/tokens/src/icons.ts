/**
 * Clearline's own icons: one path each, drawn on a 24 × 24 grid with a round stroke of 1.75 and no fill.
 * Plain strings, so that a bundle carries only the icons that it names. Render with createElementNS (or JSX, which
 * does the same), fill="none" stroke="currentColor", aria-hidden="true".
 */
export const iconViewBox = '0 0 24 24';
export const iconStrokeWidth = 1.75;

export const iconChat =
  'M21 11.5c0 4.4-4 8-9 8-1.2 0-2.4-.2-3.4-.6L4 20l1.2-3.7C3.8 15 3 13.3 3 11.500c0-4.4 4-8 9-8s9 3.6 9 8Z';
export const iconSend = 'M12 19V5M5.5 11.5 12 5l6.5 6.5';
export const iconClose = 'm6 6 12 12M18 6 6 18';
export const iconCheck = 'm5 12.5 4.5 4.500L19 7.5';
export const iconChecks = 'm2.5 12.5 4 4L15 8M11.5 15.500l1.5 1.500L21.5 8';
export const iconClock = 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7.500V12l3 2';
export const iconAlert = 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7.500v5M12 16.200v.1';
export const iconArrowDown = 'M12 5v14M5.5 12.5 12 19l6.5-6.5';
export const iconChevronDown = 'm6 9.5 6 6 6-6';
/** Points to the start of the line; mirror it where the text runs from right to left. */
export const iconChevronStart = 'm14.5 6-6 6 6 6';
export const iconChevronEnd = 'm9.5 6 6 6-6 6';
export const iconInbox =
  'M3.5 13.5 6 5.800A1.8 1.8 0 0 1 7.7 4.500h8.600A1.8 1.8 0 0 1 18 5.800l2.5 7.700v4.200a1.8 1.8 0 0 1-1.8 1.800H5.300a1.8 1.8 0 0 1-1.8-1.800v-4.200Zm0 0H8l1.5 2.500h5l1.5-2.500h4.5';
export const iconArchive =
  'M4 9v8.700a1.8 1.8 0 0 0 1.8 1.800h12.400a1.8 1.8 0 0 0 1.8-1.800V9M3.8 4.500h16.400a.8.8 0 0 1 .8.800v2.900a.8.8 0 0 1-.8.800H3.800a.8.8 0 0 1-.8-.8V5.300a.8.8 0 0 1 .8-.8ZM10 13h4';
export const iconSun =
  'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2.500v2M12 19.500v2M2.5 12h2M19.5 12h2M5.3 5.300l1.4 1.400M17.3 17.300l1.4 1.400M18.7 5.300l-1.4 1.400M6.7 17.300l-1.4 1.4';
export const iconMoon = 'M20 14.500A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.500Z';
export const iconMonitor =
  'M4.5 4.500h15A1.5 1.5 0 0 1 21 6v9a1.5 1.5 0 0 1-1.5 1.500h-15A1.5 1.5 0 0 1 3 15V6a1.5 1.5 0 0 1 1.5-1.500ZM9 20h6M12 16.500V20';
/** An arrow that leaves a door towards the end of the line; mirror it where the text runs from right to left. */
export const iconSignOut = 'M10 20H6a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2h4M15.5 16l4-4-4-4M19.5 12H10';
/** A window with a side pane at the end of the line. */
export const iconDetails =
  'M5 4.500h14A1.5 1.5 0 0 1 20.5 6v12a1.5 1.5 0 0 1-1.5 1.500H5A1.5 1.5 0 0 1 3.5 18V6A1.5 1.5 0 0 1 5 4.500ZM14.5 4.500v15';
export const iconKeyboard =
  'M4 6.500h16A1.5 1.5 0 0 1 21.5 8v8a1.5 1.5 0 0 1-1.5 1.500H4A1.5 1.5 0 0 1 2.5 16V8A1.5 1.5 0 0 1 4 6.500ZM6.5 10.200h.1M10.2 10.200h.1M13.8 10.200h.1M17.5 10.200h.1M8 14h8';
export const iconGlobe =
  'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM3.3 12h17.400M12 3c2.4 2.5 3.6 5.5 3.6 9S14.4 18.5 12 21c-2.4-2.5-3.6-5.5-3.6-9S9.6 5.5 12 3Z';
export const iconCopy =
  'M10 8.500h8.500A1.5 1.5 0 0 1 20 10v8.500a1.5 1.5 0 0 1-1.5 1.500H10a1.5 1.5 0 0 1-1.5-1.500V10A1.5 1.5 0 0 1 10 8.500ZM5.5 15.500A1.5 1.5 0 0 1 4 14V5.500A1.5 1.5 0 0 1 5.5 4H14a1.5 1.5 0 0 1 1.5 1.5';
export const iconRefresh = 'M20 5v4.500h-4.500M19.6 9.500A8 8 0 1 0 20 13.5';
export const iconSort = 'M7 5v14M3.5 15.5 7 19l3.5-3.500M13.5 6.500H21M13.5 12h5M13.5 17.500h2.5';
export const iconExternal =
  'M14 4.500h5.500V10M19.5 4.5 11 13M18 14v4a1.5 1.5 0 0 1-1.5 1.500H6A1.5 1.5 0 0 1 4.5 18V7.500A1.5 1.5 0 0 1 6 6h4';
export const iconTrash =
  'M4.5 7h15M9.5 7V4.500h5V7M6.5 7l.8 11.600a1.5 1.5 0 0 0 1.5 1.400h6.400a1.5 1.5 0 0 0 1.5-1.400L17.5 7';
