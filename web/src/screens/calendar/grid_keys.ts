import type { WallRow } from "../../time/week";

/** A place in the grid: the line and the day. */
export interface Place {
  line: number;
  day: number;
}

// The lines of one hour.
const PAGE = 4;

/** Return the place to which a key moves, or null for a key that moves nothing. It passes over blank cells. */
export function moved(
  rows: readonly WallRow[],
  { line, day }: Place,
  key: string,
  isRightToLeft: boolean,
): Place | null {
  const days = rows[0]?.quarters.length ?? 0;
  const step = stepOf(key, isRightToLeft);
  if (step) return walk(rows, { line, day }, step);
  if (key === "Home") return walk(rows, { line, day: -1 }, { line: 0, day: 1 });
  if (key === "End") return walk(rows, { line, day: days }, { line: 0, day: -1 });
  return null;
}

/** Return the place of an instant, or null where the grid does not show it. */
export function placeOf(rows: readonly WallRow[], at: number): Place | null {
  for (const [line, { quarters }] of rows.entries()) {
    const day = quarters.findIndex((quarter) => quarter?.at === at);
    if (day >= 0) return { line, day };
  }
  return null;
}

function stepOf(key: string, isRightToLeft: boolean): Place | null {
  const forward = isRightToLeft ? -1 : 1;
  const steps: Record<string, Place> = {
    ArrowDown: { line: 1, day: 0 },
    ArrowUp: { line: -1, day: 0 },
    ArrowRight: { line: 0, day: forward },
    ArrowLeft: { line: 0, day: -forward },
    PageDown: { line: PAGE, day: 0 },
    PageUp: { line: -PAGE, day: 0 },
  };
  return steps[key] ?? null;
}

function walk(rows: readonly WallRow[], from: Place, step: Place): Place | null {
  let [line, day] = [from.line + step.line, from.day + step.day];
  // A page that would leave the grid ends at its edge.
  if (Math.abs(step.line) === PAGE) line = Math.max(0, Math.min(rows.length - 1, line));
  const one = { line: Math.sign(step.line), day: step.day };
  while (rows[line] && day >= 0 && day < (rows[line]?.quarters.length ?? 0)) {
    if (rows[line]?.quarters[day]) return { line, day };
    line += one.line;
    day += one.day;
  }
  return null;
}
