/** The frame of a page: one HTML file that needs no network, no script and no other file. */
import { escapeHtml } from './html.js';
import { STYLE } from './style.js';

export interface DocumentContent {
  readonly title: string;
  readonly summary: string;
  /** HTML. */
  readonly body: string;
  readonly footer: string;
}

export function renderDocument({ title, summary, body, footer }: DocumentContent): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
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
<footer><p>${escapeHtml(footer)}</p></footer>
</body>
</html>
`;
}
