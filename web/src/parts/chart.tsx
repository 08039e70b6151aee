/** A chart of lines that grow while it is looked at. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface Line {
  readonly label: string;
  /** Name of a colour of the style sheet. */
  readonly color: string;
  readonly points: boolean;
  readonly values: readonly (number | null)[];
}

interface ChartProps {
  readonly title: string;
  readonly x: readonly number[];
  readonly lines: readonly Line[];
  readonly xMax: number;
  readonly percent?: boolean;
  /** Read out instead of the picture. */
  readonly says: string;
}

const HEIGHT = 190;

const colorOf = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function optionsOf(width: number, { lines, xMax, percent }: ChartProps): uPlot.Options {
  const axis = {
    stroke: () => colorOf('--quiet'),
    grid: { stroke: () => colorOf('--line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  };
  return {
    width,
    height: HEIGHT,
    cursor: { drag: { setScale: false }, points: { show: false } },
    legend: { show: false },
    padding: [8, 8, 0, 0],
    scales: {
      x: { time: false, range: () => [0, Math.max(1, xMax)] },
      y: { range: (_, low, high) => rangeOf(low, high, percent === true) },
    },
    axes: [
      { ...axis, size: 28, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500] },
      {
        ...axis,
        size: percent ? 52 : 44,
        values: (_, ticks) =>
          ticks.map((tick) => (percent ? `${Math.round(100 * tick)}%` : String(Number(tick.toFixed(3))))),
      },
    ],
    series: [
      {},
      ...lines.map(
        ({ label, color, points }): uPlot.Series => ({
          label,
          stroke: () => colorOf(color),
          width: points ? 2.5 : 1.75,
          spanGaps: true,
          points: { show: points, size: 7, fill: () => colorOf(color) },
        }),
      ),
    ],
  };
}

function rangeOf(low: number | null, high: number | null, percent: boolean): [number, number] {
  if (low === null || high === null) return [0, 1];
  if (!percent) return [0, Math.max(0.05, high * 1.05)];
  return [Math.max(0, Math.floor(low * 10 - 0.2) / 10), 1];
}

export function Chart(props: ChartProps) {
  const { title, lines, says, x } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    const { current: element } = place;
    if (element === null) return;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(
        optionsOf(element.clientWidth, latest.current),
        dataOf(latest.current),
        element,
      );
    };
    draw();
    // Not on every change of the height, which the plot itself makes.
    let width = element.clientWidth;
    const watcher = new ResizeObserver(() => {
      if (element.clientWidth === width) return;
      width = element.clientWidth;
      plot.current?.setSize({ width, height: HEIGHT });
    });
    watcher.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    return () => {
      watcher.disconnect();
      scheme.removeEventListener('change', draw);
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => {
    plot.current?.setData(dataOf(latest.current));
  }, [x, props.xMax]);
  return (
    <figure class="chart">
      <figcaption>
        <strong>{title}</strong>
        <span class="legend" aria-hidden="true">
          {lines.map(({ label, color }) => (
            <span key={label} class={color.slice(2)}>
              {label}
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={place} role="img" aria-label={`${title}. ${says}`} />
    </figure>
  );
}

const dataOf = ({ x, lines }: ChartProps): uPlot.AlignedData => [
  [...x],
  ...lines.map(({ values }) => [...values]),
];
