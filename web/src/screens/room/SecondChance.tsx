import type { Schemas } from "../../api/client";
import { useSecondChance } from "../../api/rooms";
import { texts } from "../../i18n/language";
import { refusalText } from "../../parts/refusal_text";
import { timeText } from "../../time/formats";
import { chanceOf, roomTimes } from "./room_phase";

interface SecondChanceProps {
  session: Schemas["Session"];
  now: number;
  onAsk: () => void;
}

/** The way to another partner while this one has not come, or was lost before the start (R38). */
export function SecondChance({ session, now, onAsk }: SecondChanceProps) {
  const ask = useSecondChance(session.sessionId);
  const { room } = texts.value;
  const { chanceFrom, chanceUntil } = roomTimes(session);
  const chance = chanceOf(session, now);
  if (chance === "none") return null;
  if (chance === "later") return <p class="quiet">{room.chanceFrom(timeText(new Date(chanceFrom)))}</p>;
  function press() {
    if (ask.isPending) return;
    onAsk();
    ask.mutate();
  }
  const refusals = { not_available: room.chanceGone, too_late: room.chanceGone };
  return (
    <section class="chance" aria-label={room.chance}>
      <p>{(session.users[1] ? room.chanceText : room.chanceAlone)(timeText(new Date(chanceUntil)))}</p>
      <button type="button" class="primary" aria-disabled={ask.isPending} onClick={press}>
        {room.chance}
      </button>
      {ask.isError && <p role="alert">{refusalText(ask.error, refusals)}</p>}
    </section>
  );
}
