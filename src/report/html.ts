/** Pieces of HTML as strings; everything that comes from outside passes `escapeHtml`. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

export interface TableColumn {
  readonly title: string;
  readonly numeric?: boolean;
}

export interface TableLook {
  /**
   * On a narrow page each row becomes a card: its first cell as a heading, the others as lines that begin with their
   * column's title. Default: the table scrolls within its own frame.
   */
  readonly stacks?: boolean;
}

/** Cells are HTML: escape them first. The first cell of a row is its header. */
export function table(
  caption: string,
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  { stacks = false }: TableLook = {},
): string {
  // As cards the elements are no longer drawn as a table; the roles keep it one for who listens.
  const role = (name: string): string => (stacks ? ` role="${name}"` : '');
  const kind = (i: number): string => (columns[i].numeric ? ' class="number"' : '');
  // A card is headed by a name; a number needs its title too.
  const title = (i: number): string =>
    stacks && (i > 0 || columns[0].numeric) ? ` data-title="${escapeHtml(columns[i].title)}"` : '';
  const head = columns
    .map(({ title: text }, i) => `<th scope="col"${role('columnheader')}${kind(i)}>${escapeHtml(text)}</th>`)
    .join('');
  const body = rows
    .map((row) => {
      const cells = row.map((cell, i) =>
        i === 0
          ? `<th scope="row"${role('rowheader')}${kind(i)}${title(i)}>${cell}</th>`
          : `<td${role('cell')}${kind(i)}${title(i)}>${stacks ? `<span>${cell}</span>` : cell}</td>`,
      );
      return `<tr${role('row')}>${cells.join('')}</tr>`;
    })
    .join('\n');
  const name = escapeHtml(caption);
  return `<div class="scroll" role="region" aria-label="${name}" tabindex="0"><table${stacks ? ' class="stacks" role="table"' : ''}><caption>${name}</caption>
<thead${role('rowgroup')}><tr${role('row')}>${head}</tr></thead>
<tbody${role('rowgroup')}>${body}</tbody></table></div>`;
}

/** Names with their values, both plain text. */
export function definitions(entries: readonly (readonly [string, string])[]): string {
  return `<dl>${entries.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join('\n')}</dl>`;
}

/** Content is HTML. */
export function details(summary: string, content: string): string {
  return `<details><summary>${escapeHtml(summary)}</summary>\n${content}\n</details>`;
}

/** A part of the page with its heading; nothing where it has no content. Content is HTML. */
export function section(id: string, title: string, content: string): string {
  if (content === '') return '';
  return `<section id="${id}" aria-labelledby="${id}-title">\n<h2 id="${id}-title">${escapeHtml(title)}</h2>\n${content}\n</section>`;
}
