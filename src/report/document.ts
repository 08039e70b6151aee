/** The frame of a page: one HTML file that needs no network, no script and no other file. */
import { escapeHtml } from './html.js';
import { STYLE } from './style.js';

/** What made a page, and when. */
export interface Origin {
  /** Of the program: "0.1.0". */
  readonly version: string;
  /** Of the program's source, if known. */
  readonly commit?: string;
  readonly date: Date;
  /** The command, where another one than usual writes the page: "eft report". */
  readonly command?: string;
}

export interface DocumentContent {
  readonly title: string;
  readonly summary: string;
  /** HTML. */
  readonly body: string;
  /** The command that wrote it: "eft compare". */
  readonly command: string;
  /** Default: the page does not say. */
  readonly origin?: Origin | undefined;
}

/** 2026-02-03 14:05 UTC */
const moment = (date: Date): string => `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

function footerOf(command: string, origin: Origin | undefined): string {
  if (origin === undefined) return `Written by ${command} of elastic-fourier.`;
  const { version, commit, date } = origin;
  const source = commit === undefined ? '' : ` (commit ${commit})`;
  return `Written by ${command} of elastic-fourier ${version}${source}, ${moment(date)}.`;
}

export function renderDocument({ title, summary, body, command, origin }: DocumentContent): string {
  // The date tells pages of one title apart in tabs and bookmarks.
  const name = origin === undefined ? title : `${title} – ${origin.date.toISOString().slice(0, 10)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escapeHtml(name)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
<p class="quiet">${escapeHtml(summary)}</p>
</header>
<main>
${body}
</main>
<footer><p>${escapeHtml(footerOf(command, origin))}</p></footer>
</body>
</html>
`;
}
