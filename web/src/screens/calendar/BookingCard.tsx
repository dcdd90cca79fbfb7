import { useMemo, useRef, useState } from "preact/hooks";
import { type CalendarSlot, useCalendar } from "../../api/calendar";
import { texts } from "../../i18n/language";
import { Dialog } from "../../parts/Dialog";
import { dayText, pageStyle, timeRange } from "../../time/formats";
import { dateOf, daysFrom, QUARTER, rangeOf } from "../../time/week";
import { BookButton, PanelButton } from "./BookButton";
import { BookingDetails } from "./BookingDetails";
import type { BookingFlow } from "./booking_flow";
import { bookingWish, workStyleOf } from "./booking_wish";
import { useCardBooking } from "./card_booking";
import { useCardRepeat } from "./card_repeat";
import { favoritesAt } from "./cells";
import { LengthChoice } from "./LengthChoice";
import { ownSession } from "./own_conflicts";
import { PartnerPanel } from "./PartnerPanel";
import { usePartnerChoice } from "./partner_choice";
import { ReplaceQuestion } from "./ReplaceQuestion";
import { repeatWish } from "./repeat_wish";
import { StartChoice } from "./StartChoice";
import { chosenMinutes } from "./view_state";

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
  const [wantsRepeat, setRepeat] = useState(false);
  const ofDay = useSlotsOfDay(at);
  const slots = ofDay ?? shown;
  const favorites = useMemo(() => favoritesAt(slots, at), [slots, at]);
  const choice = usePartnerChoice(favorites, ofDay !== undefined, at);
  const { partner } = choice;
  const minutes = partner?.minutes ?? chosenMinutes.value;
  const own = ownSession(slots, at, minutes);
  const { message, conflict, send, endConflict } = useCardBooking(flow, choice, onClose);
  const repeat = useCardRepeat(onClose);
  const isRepeating = wantsRepeat && !own;
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    if (isRepeating) repeat.send(repeatWish(at, minutes, partner, form, pageStyle().zone));
    else send(bookingWish(at, minutes, partner, own ? null : workStyleOf(form)));
  };
  const form = useRef<HTMLFormElement>(null);
  const keep = () => {
    endConflict();
    // The form is visible again in the next frame, and can have the focus then.
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[type=submit]")?.focus());
  };
  const start = new Date(at);
  // The slot that is being booked is not lost.
  const alert = message || repeat.message || (flow.pending ? "" : choice.lost);
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
        {alert && <p role="alert">{alert}</p>}
        <StartChoice at={at} now={now} onChange={setAt} />
        {hasPanel ? (
          <PartnerPanel {...{ favorites, slots, at, choice }} />
        ) : (
          favorites.length > 0 && <PanelButton count={favorites.length} onOpen={() => setPanel(true)} />
        )}
        {!partner && <LengthChoice />}
        <BookingDetails isOwn={own !== null} {...{ at, partner, isRepeating }} onRepeat={setRepeat} />
        <BookButton
          isLocking={partner?.lockable ?? false}
          isRepeating={isRepeating}
          isSending={flow.pending !== null || repeat.isSending}
        />
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
