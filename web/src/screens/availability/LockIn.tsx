import { useState } from "preact/hooks";
import { useBook } from "../../api/booking";
import type { Schemas } from "../../api/client";
import { codeOf } from "../../api/refusal";
import { isolated, texts } from "../../i18n/language";
import { announce } from "../../parts/announcements";
import { Dialog } from "../../parts/Dialog";
import { LockIcon } from "../../parts/LockIcon";
import { refusalText } from "../../parts/refusal_text";
import { slotText } from "./slot_text";

interface LockInProps {
  slot: { startTime: string; duration: Schemas["Duration"] };
  partner: { userId: string; name: string };
  /** Called when the booking has ended. A slot that is gone cannot be tried again. */
  onEnd: (result: "booked" | "gone") => void;
}

/** The Book button of a chosen slot with a chosen partner. It asks before it replaces another session. */
export function LockIn({ slot, partner, onEnd }: LockInProps) {
  const { availability } = texts.value;
  const booking = useBook();
  const [isAsking, setAsking] = useState(false);
  const name = isolated(partner.name);

  async function book(replace: boolean): Promise<void> {
    if (booking.isPending) return;
    setAsking(false);
    const wish = { startTime: slot.startTime, duration: slot.duration, partnerId: partner.userId };
    try {
      await booking.mutateAsync(replace ? { ...wish, replace } : wish);
    } catch (error) {
      return refused(error, replace);
    }
    announce(availability.booked(name, slotText(slot)));
    onEnd("booked");
  }

  function refused(error: unknown, replace: boolean): void {
    if (codeOf(error) === "time_conflict" && !replace) {
      setAsking(true);
      return;
    }
    const own = { not_available: availability.gone, time_conflict: availability.lockedConflict };
    announce(refusalText(error, own), "failure");
    if (codeOf(error) === "not_available") onEnd("gone");
  }

  return (
    <>
      <button type="button" class="primary" aria-disabled={booking.isPending} onClick={() => book(false)}>
        {booking.isPending ? availability.booking : availability.book} <LockIcon />
      </button>
      {isAsking && (
        <Dialog title={availability.replaceTitle} onClose={() => setAsking(false)}>
          <p>{availability.replaceText(name)}</p>
          <div class="choices">
            <button type="button" class="danger" onClick={() => book(true)}>
              {availability.replace}
            </button>
            <button type="button" onClick={() => setAsking(false)}>
              {availability.keep}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
