import { useEffect, useRef, useState } from "preact/hooks";
import type { BookingWish } from "../../api/booking";
import { codeOf } from "../../api/refusal";
import { isolated, texts } from "../../i18n/language";
import { announce } from "../../parts/announcements";
import { refusalText } from "../../parts/refusal_text";
import type { BookingFlow } from "./booking_flow";
import type { usePartnerChoice } from "./partner_choice";

/** Return the booking of a card: how to send a wish, and what to say or to ask after a refusal. */
export function useCardBooking(flow: BookingFlow, choice: ReturnType<typeof usePartnerChoice>, onClose: () => void) {
  const [message, setMessage] = useState("");
  const [conflict, setConflict] = useState<BookingWish | null>(null);
  const isOpen = useIsMounted();

  const send = async (wish: BookingWish) => {
    const name = choice.partner?.userId === wish.partnerId ? choice.partner?.name : undefined;
    setMessage("");
    setConflict(null);
    const ending = await flow.send(wish);
    // Without an ending another booking was on its way, and this click had no effect.
    if (!ending) return;
    const { failure } = ending;
    if (!failure) return isOpen.current && onClose();
    const own: Record<string, string> = name ? { not_available: texts.value.calendar.wasFaster(isolated(name)) } : {};
    const text = refusalText(failure, own);
    if (codeOf(failure) in own) choice.choose(null);
    if (!isOpen.current) announce(text, "failure");
    else if (codeOf(failure) === "time_conflict") setConflict(wish);
    else setMessage(text);
  };
  return { message, conflict, send, endConflict: () => setConflict(null) };
}

/** Return a reference that is true until the component is removed from the page. */
export function useIsMounted(): { current: boolean } {
  const isMounted = useRef(true);
  useEffect(
    () => () => {
      isMounted.current = false;
    },
    [],
  );
  return isMounted;
}
