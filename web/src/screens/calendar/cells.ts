import type { CalendarSlot, PartnerAtSlot } from "../../api/calendar";
import type { Schemas } from "../../api/client";
import type { LocalDay, Quarter, WallRow } from "../../time/week";
import { type Bookable, bookable, footprint, type Minutes } from "./bookable_times";

/** A favorite with the slot in which it was found. A start may have slots of three lengths. */
export interface FavoriteAtStart extends PartnerAtSlot {
  minutes: Minutes;
}

/** A session, or the slot being booked, as a block over several lines of one day. */
export interface Block {
  session: Schemas["Session"] | null;
  lines: number;
}

/** What one quarter hour of the calendar shows. */
export interface Cell {
  quarter: Quarter;
  bookable: Bookable;
  /** The session of which this is a part, also without being its start. */
  session: Schemas["Session"] | null;
  /** The block that begins in this cell. */
  block: Block | null;
  favorites: readonly FavoriteAtStart[];
  waiting: Schemas["Demand"];
}

/** What the arrangement of cells depends on besides the days. */
export interface Arrangement {
  slots: readonly CalendarSlot[];
  /** False until the slots are read. */
  isKnown: boolean;
  now: number;
  /** The length for which the demand is shown. */
  minutes: Minutes;
  /** The slot for which a booking is on its way. */
  booking: { startTime: string; duration: number } | null;
}

/** Return the cells of each line, with null where a day lacks the wall-clock time of the line. */
export function arrange(
  days: readonly LocalDay[],
  rows: readonly WallRow[],
  arrangement: Arrangement,
): (Cell | null)[][] {
  const byStart = slotsByStart(arrangement.slots);
  const blocks = days.map((_, day) => blocksOf(rows, day, arrangement));
  return rows.map(({ quarters }, line) =>
    quarters.map((quarter, day) => quarter && cellOf(quarter, byStart, blocks[day]?.[line], arrangement)),
  );
}

/** Return the favorites at a start, in slots of every length. The longest slot comes last. */
export function favoritesAt(slots: readonly CalendarSlot[], at: number): FavoriteAtStart[] {
  const found = slots.filter(({ startTime }) => Date.parse(startTime) === at);
  return found.flatMap(({ favorites, duration }) =>
    favorites.map((favorite) => ({ ...favorite, minutes: minutesOf(duration) })),
  );
}

/** Return an own session among the slots by its id, or null. */
export function sessionIn(slots: readonly CalendarSlot[], sessionId: string): Schemas["Session"] | null {
  return slots.find(({ session }) => session?.sessionId === sessionId)?.session ?? null;
}

/** Return a length of the API in minutes. */
export function minutesOf(duration: number): Minutes {
  return (duration / 60_000) as Minutes;
}

function slotsByStart(slots: readonly CalendarSlot[]): Map<number, CalendarSlot[]> {
  const byStart = new Map<number, CalendarSlot[]>();
  for (const slot of slots) {
    const at = Date.parse(slot.startTime);
    byStart.set(at, [...(byStart.get(at) ?? []), slot]);
  }
  return byStart;
}

interface Occupied {
  session: Schemas["Session"] | null;
  block: Block | null;
}

/** Return what occupies each line of one day. A block begins in the first line of its session on this day. */
function blocksOf(rows: readonly WallRow[], day: number, { slots, booking }: Arrangement): Occupied[] {
  const lines: Occupied[] = [];
  const held = slots.flatMap(({ session }) => (session ? { slot: session, session } : []));
  for (const { slot, session } of [...held, ...(booking ? [{ slot: booking, session: null }] : [])]) {
    const { start, end } = footprint(slot.startTime, slot.duration);
    const isWithin = ({ quarters }: WallRow) => {
      const at = quarters[day]?.at;
      return at !== undefined && start <= at && at < end;
    };
    const first = rows.findIndex(isWithin);
    if (first < 0) continue;
    const last = rows.findLastIndex(isWithin);
    for (let line = first; line <= last; line++) lines[line] = { session, block: null };
    lines[first] = { session, block: { session, lines: last - first + 1 } };
  }
  return lines;
}

function cellOf(
  quarter: Quarter,
  byStart: ReadonlyMap<number, CalendarSlot[]>,
  occupied: Occupied | undefined,
  { isKnown, now, minutes }: Arrangement,
): Cell {
  const byTime = bookable(quarter.at, now);
  const slots = byStart.get(quarter.at) ?? [];
  return {
    quarter,
    bookable: byTime === "bookable" && !isKnown ? "unknown" : byTime,
    session: occupied?.session ?? null,
    block: occupied?.block ?? null,
    favorites: favoritesAt(slots, quarter.at),
    waiting: slots.find(({ duration }) => minutesOf(duration) === minutes)?.waiting ?? "none",
  };
}
