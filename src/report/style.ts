/** The page's style sheet: light and dark by the reader's setting, narrow and wide, paper. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --ink: #1c1f24; --quiet: #565d68; --line: #d5d9e0; --panel: #f5f6f8; --link: #0b5cad;
  --model-0: #0b62b8; --model-1: #b4380b; --model-2: #2b7337; --model-3: #7a3fa8; --model-4: #8a6100; --model-5: #1b7a80; --model-6: #a3195b; --model-7: #566000;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171c; --ink: #e6e8ec; --quiet: #a6adb8; --line: #3a404a; --panel: #1d2129; --link: #7db8f5;
    --model-0: #6cb2ff; --model-1: #ff9d73; --model-2: #7fd08c; --model-3: #cda0f5; --model-4: #e3bd5b; --model-5: #6fd3da; --model-6: #ff8fc0; --model-7: #c3cf63;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main, header, footer { max-width: 72rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; }
footer { padding-top: 1.5rem; padding-bottom: 2.5rem; color: var(--quiet); font-size: .875rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; text-wrap: balance; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 2.75rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.02rem; margin: 1.5rem 0 .5rem; }
p { max-width: 46rem; margin: .5rem 0; overflow-wrap: anywhere; }
a { color: var(--link); }
.quiet { color: var(--quiet); }
.verdict { padding: 1rem 1.25rem; margin: 1.25rem 0; background: var(--panel); border-left: .3rem solid var(--model-0); border-radius: .3rem; }
.verdict h2 { border: 0; margin: 0 0 .4rem; padding: 0; font-size: 1.15rem; }
.verdict ul { margin: .3rem 0; padding-left: 1.2rem; }
.verdict li { margin: .2rem 0; max-width: 60rem; }
.verdict .first li { font-weight: 600; }
.verdict table { width: 100%; }
.verdict dl { grid-template-columns: max-content minmax(0, 46rem); }
.scroll { overflow-x: auto; margin: .75rem 0; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--quiet); padding-bottom: .35rem; font-size: .85rem; }
th, td { padding: .35rem .7rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid var(--line); vertical-align: bottom; }
tbody th { font-weight: 600; }
.number { text-align: right; white-space: nowrap; }
thead .number { white-space: normal; }
tbody th { min-width: 7rem; }
tbody th.number { min-width: 0; }
td small, th small { display: block; color: var(--quiet); font-weight: 400; font-size: .78rem; }
.marker { display: inline-block; width: .85em; height: .85em; margin-right: .45em; vertical-align: -.05em; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.25rem; padding: 0; margin: .75rem 0; list-style: none; font-size: .9rem; }
.charts { display: grid; grid-auto-rows: auto; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); gap: 1.5rem 1.75rem; align-items: start; }
/* Caption, chart and data of neighbours stand at the same heights. */
figure { margin: 0; min-width: 0; break-inside: avoid; display: grid; grid-template: subgrid / minmax(0, 1fr); grid-row: span 3; row-gap: .3rem; }
figure tbody th { min-width: 8rem; }
figcaption { font-size: .9rem; margin-bottom: .3rem; }
figcaption strong { display: block; }
figure svg { display: block; width: 100%; height: auto; overflow: visible; }
details { margin: .4rem 0; font-size: .9rem; }
summary { cursor: pointer; color: var(--link); padding: .15rem 0; width: fit-content; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
pre { background: var(--panel); padding: .8rem 1rem; border-radius: .3rem; overflow-x: auto; font-size: .85rem; white-space: pre-wrap; overflow-wrap: anywhere; }
td.hit, td.miss { text-align: right; background: color-mix(in srgb, var(--shade) calc(var(--share) * 45%), transparent); }
td.hit small, td.miss small { color: inherit; }
td.hit { --shade: var(--model-2); }
td.miss { --shade: var(--model-1); }
.matrices { display: flex; flex-wrap: wrap; gap: .5rem 2.5rem; }
.wrong { padding: 0; list-style: none; }
.wrong li { border-left: .2rem solid var(--model-1); padding: .1rem 0 .1rem .9rem; margin: .9rem 0; }
.wrong .piece { white-space: nowrap; }
.wrong blockquote { margin: .2rem 0 0; color: var(--quiet); font-size: .9rem; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; font-size: .9rem; margin: .75rem 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }
@media (max-width: 40rem) {
  main, header, footer { padding-left: .9rem; padding-right: .9rem; }
  h1 { font-size: 1.4rem; }
  th, td { padding: .3rem .45rem; }
  dl, .verdict dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .5rem; }
  /* A row becomes a card. */
  .stacks, .stacks caption, .stacks tbody, .stacks tr, .stacks th { display: block; }
  .stacks { width: 100%; }
  .stacks thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .stacks tr { border-bottom: 2px solid var(--line); padding: .45rem 0; }
  .stacks th, .stacks td { border: 0; padding: .1rem 0; text-align: left; white-space: normal; }
  .stacks th[data-title]::after { content: " " attr(data-title); }
  .stacks td { display: flex; justify-content: space-between; gap: 1rem; }
  .stacks td::before { content: attr(data-title); color: var(--quiet); flex: none; max-width: 45%; }
  .stacks td > span { text-align: right; min-width: 0; overflow-wrap: anywhere; }
}
@media print {
  :root {
    color-scheme: light;
    --page: #fff; --ink: #000; --quiet: #444; --line: #bbb; --panel: #f3f3f3; --link: #000;
    --model-0: #0b62b8; --model-1: #b4380b; --model-2: #2b7337; --model-3: #7a3fa8; --model-4: #8a6100; --model-5: #1b7a80; --model-6: #a3195b; --model-7: #566000;
  }
  body { font-size: 10pt; }
  .scroll { overflow: visible; }
  table { font-size: 8pt; }
  caption, td small, th small { font-size: 7pt; }
  th, td { padding: .2rem .35rem; }
  .charts { grid-template-columns: 1fr 1fr; }
  h2, h3, .legend { break-after: avoid; }
  tr, li { break-inside: avoid; }
}
`;
