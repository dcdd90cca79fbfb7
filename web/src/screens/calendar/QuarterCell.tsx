import { isolated, locale, texts } from "../../i18n/language";
import { Face } from "../../parts/Face";
import { partnerName } from "../../parts/former_member";
import { LockIcon } from "../../parts/LockIcon";
import { timeRange } from "../../time/formats";
import { cellName } from "./cell_names";
import { type Block, type Cell, minutesOf } from "./cells";
import { DemandIcon } from "./DemandIcon";

const MOST_FACES = 2;

interface QuarterCellProps {
  cell: Cell;
  day: string;
  time: string;
  /** True on the day of a clock change, which shows its offsets. */
  hasOffset: boolean;
  isActive: boolean;
}

/** A quarter hour with the block that begins there, the faces of favorites and the demand. The grid handles its clicks. */
export function QuarterCell({ cell, day, time, hasOffset, isActive }: QuarterCellProps) {
  const { calendar, words } = texts.value;
  const { at, minute } = cell.quarter;
  const isAhead = cell.bookable === "bookable";
  const nameId = `slot-${at}`;
  const tabIndex = isActive ? 0 : -1;
  return (
    <td
      class={isAhead ? undefined : "closed"}
      data-at={at}
      style={cell.block ? linesOf(cell.block) : undefined}
      tabIndex={tabIndex}
      aria-disabled={(!isAhead && !cell.session) || undefined}
    >
      <span class="hidden" id={nameId}>
        {cellName(cell, day, time, { calendar, words, locale: locale.value })}
      </span>
      <span aria-hidden="true">
        {cell.block && <BlockOf block={cell.block} />}
        {!cell.block && minute % 60 === 0 && hasOffset && <small>{time}</small>}
        {!cell.session && isAhead && cell.waiting !== "none" && <DemandIcon demand={cell.waiting} />}
      </span>
      {isAhead && cell.favorites.length > 0 && (
        <span class="favorites">
          {cell.favorites.slice(0, MOST_FACES).map(({ userId, name, photoUrl }) => (
            <Face key={userId} name={name} photoUrl={photoUrl} />
          ))}
          <MoreButton nameId={nameId} tabIndex={tabIndex} />
        </span>
      )}
    </td>
  );
}

/** The way to the Partner panel. On a small screen it shows three dots, and has the same name. */
function MoreButton({ nameId, tabIndex }: { nameId: string; tabIndex: number }) {
  const { more } = texts.value.calendar;
  return (
    <button type="button" class="more" tabIndex={tabIndex} aria-describedby={nameId}>
      <span class="word">{more}</span>
      <svg class="dots" aria-hidden="true" viewBox="0 0 16 16" width="16" height="16">
        <path d="M2 8h.01M8 8h.01M14 8h.01" stroke="currentColor" stroke-width="3" stroke-linecap="round" />
      </svg>
    </button>
  );
}

/** Return the height of a block as the style of its cell. */
function linesOf({ lines }: Block): Record<string, number> {
  return { "--lines": lines };
}

function BlockOf({ block: { session, lines } }: { block: Block }) {
  const { calendar, words } = texts.value;
  if (!session) {
    return <span class="block booking">{words.booking}</span>;
  }
  const name = partnerName(session.users[1]);
  return (
    <span class={`block ${session.state}`}>
      <span class="when">
        {session.locked && <LockIcon decorative />}{" "}
        {timeRange(new Date(session.startTime), minutesOf(session.duration))}
      </span>
      <span class="who">{name ? <bdi>{name}</bdi> : calendar.states[session.state]}</span>
      {name && lines > 2 && <span class="state">{calendar.states[session.state]}</span>}
      {session.title && lines > 2 && <span class="title">{isolated(session.title)}</span>}
    </span>
  );
}
