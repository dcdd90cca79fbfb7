import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { locale, texts } from "../../i18n/language";
import { pageStyle, type TimeStyle } from "../../time/formats";
import { dateOf, type LocalDay, type WallRow } from "../../time/week";
import { MORNING, nextQuarter } from "./bookable_times";
import type { Cell } from "./cells";
import { DayHeader } from "./DayHeader";
import { moved, type Place, placeOf } from "./grid_keys";
import { type Labels, labelsOf, timeOf } from "./labels";
import { QuarterCell } from "./QuarterCell";

interface WeekGridProps {
  days: readonly LocalDay[];
  rows: readonly WallRow[];
  cells: readonly (Cell | null)[][];
  now: number;
  isBusy: boolean;
  onChoose: (at: number, isMore: boolean) => void;
}

/** The quarter hours of the shown days. Tab stops at one cell, and the arrow keys lead to the others. */
export function WeekGrid({ days, rows, cells, now, isBusy, onChoose }: WeekGridProps) {
  const table = useRef<HTMLTableElement>(null);
  const [chosen, setChosen] = useState<number | null>(null);
  const active = placeOf(rows, chosen ?? nextQuarter(now)) ?? firstPlace(rows);
  const style = pageStyle();
  const today = dateOf(now, style.zone);
  const labels = useMemo(() => labelsOf(days, style), [days, locale.value]);
  useFirstScroll(table, rows, now);
  const choose = (target: EventTarget | null) => {
    const at = instantAt(target);
    if (at === null) return;
    setChosen(at);
    onChoose(at, (target as Element).closest("button.more") !== null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const cell = event.target as Element;
    const at = instantAt(cell);
    if (at === null || cell.tagName !== "TD") return;
    if (event.key === "Enter" || event.key === " ") choose(cell);
    else if (!focusNext(at, event.key)) return;
    event.preventDefault();
  };
  const focusNext = (at: number, key: string) => {
    const place = placeOf(rows, at);
    const next = place && moved(rows, place, key, document.documentElement.dir === "rtl");
    const to = next && rows[next.line]?.quarters[next.day]?.at;
    if (!to) return false;
    setChosen(to);
    table.current?.querySelector<HTMLElement>(`td[data-at="${to}"]`)?.focus();
    return true;
  };
  return (
    <section class="week" aria-label={texts.value.layout.calendar}>
      {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table is the grid of the ARIA practices. */}
      <table ref={table} role="grid" aria-busy={isBusy} onClick={({ target }) => choose(target)} onKeyDown={onKeyDown}>
        <Head {...{ days, labels, today, style }} />
        <tbody>
          {rows.map((row, line) => (
            <Line
              key={`${row.minute} ${row.isRepeated}`}
              row={row}
              cells={cells[line] ?? []}
              labels={labels}
              time={timeOf(row.minute, style)}
              active={active.line === line ? active.day : null}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface HeadProps {
  days: readonly LocalDay[];
  labels: Labels;
  today: string;
  style: TimeStyle;
}

/** The names of the shown days. */
function Head({ days, labels, today, style }: HeadProps) {
  return (
    <thead>
      <tr>
        <th scope="col">
          <span class="hidden">{texts.value.calendar.time}</span>
        </th>
        {days.map(({ date }, day) => (
          <DayHeader
            key={date}
            name={labels.days[day] ?? ""}
            isToday={date === today}
            isChange={labels.changes[day] ?? false}
            {...{ date, style }}
          />
        ))}
      </tr>
    </thead>
  );
}

interface LineProps {
  row: WallRow;
  cells: readonly (Cell | null)[];
  labels: Labels;
  time: string;
  active: number | null;
}

/** One line of the grid. It is drawn again only after a change of its own cells. */
function Line({ row, cells, labels, time, active }: LineProps) {
  const { repeated } = texts.value.calendar;
  return useMemo(
    () => (
      <tr class={row.minute % 60 === 0 ? "hour" : undefined}>
        <th scope="row">{row.isRepeated ? repeated(time) : time}</th>
        {cells.map((cell, day) =>
          cell ? (
            <QuarterCell
              key={day}
              cell={cell}
              day={labels.days[day] ?? ""}
              time={labels.times.get(cell.quarter.at) ?? ""}
              hasOffset={labels.changes[day] ?? false}
              isActive={day === active}
            />
          ) : (
            <td key={day} class="blank" />
          ),
        )}
      </tr>
    ),
    [row, cells, labels, time, active],
  );
}

function instantAt(target: EventTarget | null): number | null {
  const at = (target as Element | null)?.closest<HTMLElement>("[data-at]")?.dataset.at;
  return at === undefined ? null : Number(at);
}

function firstPlace(rows: readonly WallRow[]): Place {
  return { line: 0, day: rows[0]?.quarters.findIndex((quarter) => quarter !== null) ?? 0 };
}

// Half an hour.
const LINES_BEFORE = 2;

/** Scroll the grid when it is first shown: to a little before the present hour, or to the morning of other days. */
function useFirstScroll(table: { current: HTMLTableElement | null }, rows: readonly WallRow[], now: number): void {
  useEffect(() => {
    const present = placeOf(rows, nextQuarter(now));
    const line = present ? Math.max(present.line - LINES_BEFORE, 0) : rows.findIndex(({ minute }) => minute >= MORNING);
    const row = table.current?.tBodies[0]?.rows[line];
    const scrolled = table.current?.parentElement;
    if (row && scrolled) scrolled.scrollTop = row.offsetTop - (table.current?.tHead?.offsetHeight ?? 0);
  }, []);
}
