import type { Schemas } from "../../api/client";
import type { Catalog } from "../../i18n/language";
import { isolated } from "../../i18n/language";
import { plural } from "../../i18n/plural";
import { partnerName } from "../../parts/former_member";
import { type Cell, minutesOf } from "./cells";

/** The texts from which the name of a cell is made. */
export interface NameTexts {
  calendar: Catalog["calendar"];
  words: Catalog["words"];
  locale: string;
}

/** Return the name of a cell for screen readers, such as "Tuesday 1 December, 09:15, free". */
export function cellName(cell: Cell, day: string, time: string, texts: NameTexts): string {
  const { calendar, locale } = texts;
  const names = cell.favorites.map(({ name }) => isolated(name));
  const favorites = names.length > 0 ? calendar.cell.favorites(listed(names, locale)) : "";
  const demand = cell.waiting === "none" || cell.bookable !== "bookable" ? "" : calendar.demand[cell.waiting];
  return [day, time, stateOf(cell, texts), favorites, demand].filter(Boolean).join(", ");
}

function stateOf({ block, session, bookable }: Cell, texts: NameTexts): string {
  const { cell } = texts.calendar;
  if (block) return block.session ? sessionText(block.session, texts) : cell.booking;
  if (session) return cell.covered;
  return { bookable: cell.free, past: cell.past, too_far: cell.tooFar, unknown: "" }[bookable];
}

/** Return the partner, the state and the length of a session. */
export function sessionText(session: Schemas["Session"], { calendar, words, locale }: NameTexts): string {
  const length = plural(words.minutes, minutesOf(session.duration), locale);
  const state = calendar.states[session.state];
  const name = partnerName(session.users[1]);
  return name ? calendar.cell.sessionWith(isolated(name), state, length) : calendar.cell.session(state, length);
}

/** Return names as a list of the language, such as "Noor and Otto". */
export function listed(names: readonly string[], locale: string): string {
  return new Intl.ListFormat(locale, { type: "conjunction" }).format(names);
}
