import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { BookingWish } from "../../api/booking";
import { type CalendarSlot, useCalendar } from "../../api/calendar";
import { codeOf } from "../../api/refusal";
import { isolated, texts } from "../../i18n/language";
import { announce } from "../../parts/announcements";
import { Dialog } from "../../parts/Dialog";
import { refusalText } from "../../parts/refusal_text";
import { dayText, pageStyle, timeRange } from "../../time/formats";
import { dateOf, daysFrom, QUARTER, rangeOf } from "../../time/week";
import { BookButton, PanelButton } from "./BookButton";
import type { BookingFlow } from "./booking_flow";
import { bookingWish, workStyleOf } from "./booking_wish";
import { favoritesAt } from "./cells";
import { LengthChoice } from "./LengthChoice";
import { ownSession } from "./own_conflicts";
import { PartnerPanel } from "./PartnerPanel";
import { ReplaceQuestion } from "./ReplaceQuestion";
import { StartChoice } from "./StartChoice";
import { chosenMinutes } from "./view_state";
import { WorkStyleFields } from "./WorkStyleFields";

interface BookingCardProps {
  at: number;
  hasPanel: boolean;
  now: number;
  /** The slots of the screen, until those of the chosen day are here. */
  slots: readonly CalendarSlot[];
  flow: BookingFlow;
  onClose: () => void;
}

// A session that starts later than the last booking of a day ends cannot be in its way.
const LONGEST_FOOTPRINT = 6 * QUARTER;

/** The card of a booking: its time, its length, the partner, and the style of work. */
export function BookingCard({ at: first, hasPanel: isMore, now, slots: shown, flow, onClose }: BookingCardProps) {
  const { calendar } = texts.value;
  const [at, setAt] = useState(first);
  const [hasPanel, setPanel] = useState(isMore);
  const [partnerId, setPartner] = useState<string | null>(null);
  const [message, setMessage] = useState("");
  const [conflict, setConflict] = useState<BookingWish | null>(null);
  const slots = useSlotsOfDay(at) ?? shown;
  const favorites = useMemo(() => favoritesAt(slots, at), [slots, at]);
  const partner = favorites.find(({ userId, locked }) => userId === partnerId && !locked) ?? null;
  const minutes = partner?.minutes ?? chosenMinutes.value;
  const own = ownSession(slots, at, minutes);
  const isOpen = useIsMounted();

  const send = async (wish: BookingWish) => {
    setMessage("");
    setConflict(null);
    const failure = await flow.send(wish);
    if (!failure) return isOpen.current && onClose();
    const name = favorites.find(({ userId }) => userId === wish.partnerId)?.name;
    const text = refusalText(failure, name ? { not_available: calendar.wasFaster(isolated(name)) } : {});
    if (!isOpen.current) announce(text, "failure");
    else if (codeOf(failure) === "time_conflict") setConflict(wish);
    else setMessage(text);
  };
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    send(bookingWish(at, minutes, partner, own ? null : workStyleOf(form)));
  };
  const form = useRef<HTMLFormElement>(null);
  const keep = () => {
    setConflict(null);
    // The form is visible again in the next frame, and can have the focus then.
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[type=submit]")?.focus());
  };
  const start = new Date(at);
  return (
    <Dialog title={calendar.card.title} onClose={onClose}>
      {conflict && (
        <ReplaceQuestion
          wish={conflict}
          slots={slots}
          onReplace={() => send({ ...conflict, replace: true })}
          onKeep={keep}
        />
      )}
      <form ref={form} class="booking-card" onSubmit={onSubmit} hidden={conflict !== null}>
        <p class="chosen">
          {dayText(start)}, {timeRange(start, minutes)}
        </p>
        {message && <p role="alert">{message}</p>}
        <StartChoice at={at} now={now} onChange={setAt} />
        {hasPanel ? (
          <PartnerPanel favorites={favorites} slots={slots} at={at} chosen={partner} onChoose={setPartner} />
        ) : (
          favorites.length > 0 && <PanelButton count={favorites.length} onOpen={() => setPanel(true)} />
        )}
        {!partner && <LengthChoice />}
        {own ? <p>{calendar.panel.alreadyBooked}</p> : <WorkStyleFields />}
        <BookButton isLocking={partner?.lockable ?? false} flow={flow} />
      </form>
    </Dialog>
  );
}

/** Return the slots of the day of an instant, or undefined before their response. */
function useSlotsOfDay(at: number): CalendarSlot[] | undefined {
  const { zone } = pageStyle();
  const date = dateOf(at, zone);
  const range = useMemo(() => rangeOf(daysFrom(date, 1, zone)), [date, zone]);
  return useCalendar({ start: range.start, end: range.end + LONGEST_FOOTPRINT }).data;
}

/** Return a reference that is true until the component is removed from the page. */
function useIsMounted(): { current: boolean } {
  const isMounted = useRef(true);
  useEffect(
    () => () => {
      isMounted.current = false;
    },
    [],
  );
  return isMounted;
}
