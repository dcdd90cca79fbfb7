import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useBook } from "../../api/booking";
import type { Schemas } from "../../api/client";
import { codeOf } from "../../api/refusal";
import { isolated, texts } from "../../i18n/language";
import { announce } from "../../parts/announcements";
import { refusalText } from "../../parts/refusal_text";
import { slotKey } from "./slot_days";
import { slotText } from "./slot_text";

/** The wish to lock in with a partner in a slot. */
export interface LockInWish {
  slot: { startTime: string; duration: Schemas["Duration"] };
  partner: { userId: string; name: string };
}

/** Return the wish for a slot and a partner of a list, without what else the list has. */
export function wishOf(
  { startTime, duration }: LockInWish["slot"],
  { userId, name }: LockInWish["partner"],
): LockInWish {
  return { slot: { startTime, duration }, partner: { userId, name } };
}

/** The choice on a screen of slots, and the lock-in that was begun with it. */
export interface LockIn {
  chosen: string | null;
  choose: (key: string | null) => void;
  isBooking: boolean;
  /** The wish that waits for the member's answer whether it may replace another session. */
  question: LockInWish | null;
  book: (wish: LockInWish, replace?: boolean) => Promise<void>;
  /** End the choice, and move the focus to the lead of the screen, or to the row of a slot. */
  end: (slot?: LockInWish["slot"]) => void;
}

/** Return the state of locking in. `known` are the keys that can be chosen, in the region of the screen. */
export function useLockIn(known: ReadonlySet<string>, region: RefObject<HTMLElement>): LockIn {
  const { availability } = texts.value;
  const booking = useBook();
  const [chosen, choose] = useState<string | null>(null);
  const [phase, setPhase] = useState<{ wish: LockInWish; isQuestion: boolean } | null>(null);
  const focusAfterRender = useFocusAfterRender(region);

  function end(slot?: LockInWish["slot"]): void {
    setPhase(null);
    choose(null);
    focusAfterRender(slot ? `[data-slot="${slotKey(slot)}"]` : ".lead");
  }

  // A choice that other members took is no choice any more. The end of a booking judges its own slot.
  const isGone = chosen !== null && phase === null && !known.has(chosen);
  useEffect(() => {
    if (!isGone) return;
    announce(availability.gone, "failure");
    end();
  }, [isGone]);

  async function book(wish: LockInWish, replace = false): Promise<void> {
    if (phase && !phase.isQuestion) return;
    setPhase({ wish, isQuestion: false });
    const body = { ...wish.slot, partnerId: wish.partner.userId };
    try {
      await booking.mutateAsync(replace ? { ...body, replace } : body);
    } catch (error) {
      refused(error, wish, replace);
      return;
    }
    announce(availability.booked(isolated(wish.partner.name), slotText(wish.slot)));
    end(wish.slot);
  }

  function refused(error: unknown, wish: LockInWish, replace: boolean): void {
    const code = codeOf(error);
    if (code === "time_conflict" && !replace) {
      setPhase({ wish, isQuestion: true });
      return;
    }
    const own = { not_available: availability.gone, time_conflict: availability.lockedConflict };
    announce(refusalText(error, own), "failure");
    if (code in own) end();
    else setPhase(null);
  }

  const question = phase?.isQuestion ? phase.wish : null;
  return { chosen, choose, isBooking: phase !== null && !phase.isQuestion, question, book, end };
}

/** Return a function that moves the focus after the next render, unless the member has moved it elsewhere meanwhile. */
function useFocusAfterRender(region: RefObject<HTMLElement>): (selector: string) => void {
  const [target, setTarget] = useState<{ selector: string } | null>(null);
  useEffect(() => {
    const { current } = region;
    const isFree = document.activeElement === document.body || current?.contains(document.activeElement);
    if (target && isFree) current?.querySelector<HTMLElement>(target.selector)?.focus();
  }, [target]);
  return (selector) => setTarget({ selector });
}
