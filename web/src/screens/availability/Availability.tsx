import { useRef } from "preact/hooks";
import { useRoute } from "preact-iso";
import { type AvailableSlot, useAvailability } from "../../api/availability";
import { useMe } from "../../api/me";
import { useUser } from "../../api/people";
import { isolated, texts } from "../../i18n/language";
import { isFormerMember } from "../../parts/former_member";
import { Loaded } from "../../parts/Loaded";
import { LockIcon } from "../../parts/LockIcon";
import { dayText, timeRange } from "../../time/formats";
import { AddFavorite } from "../people/AddFavorite";
import { BookButton, ReplaceQuestion } from "./BookButton";
import { type LockIn, useLockIn, wishOf } from "./lock_in";
import { minutesOf, slotDays, slotKey } from "./slot_days";
import "./availability.css";

/** The Availability page of a member, on which a slot is chosen and locked in. */
export default function Availability() {
  const { userId = "" } = useRoute().params;
  const user = useUser(userId);
  const slots = useAvailability(userId);
  const me = useMe();
  const { availability, layout } = texts.value;
  return (
    <Loaded query={user} title={layout.people}>
      {(member) => (
        <>
          <h1>{availability.availabilityOf(isolated(member.name))}</h1>
          <p>
            <a href={`/people/${userId}`}>{availability.backToProfile(isolated(member.name))}</a>
          </p>
          {!member.isFavorite && !isFormerMember(member.name) && me.data && me.data.userId !== userId && (
            <p class="notice">
              {availability.notAFavorite(isolated(member.name))} <AddFavorite person={member} />
            </p>
          )}
          <Loaded query={slots}>{(found) => <Slots slots={found} partner={member} />}</Loaded>
        </>
      )}
    </Loaded>
  );
}

interface SlotsProps {
  slots: AvailableSlot[];
  partner: { userId: string; name: string };
}

function Slots({ slots, partner }: SlotsProps) {
  const { availability } = texts.value;
  const region = useRef<HTMLElement>(null);
  const lockIn = useLockIn(new Set(slots.map(slotKey)), region);
  return (
    <section ref={region} aria-label={availability.lockInWith(isolated(partner.name))}>
      <p class="lead" tabIndex={-1}>
        {slots.length > 0 ? availability.twoWeeks : availability.none}
      </p>
      {slots.some(({ locked }) => locked) && (
        <p class="quiet">
          <LockIcon decorative /> {availability.lockLegend}
        </p>
      )}
      {slotDays(slots).map((day) => (
        <section key={day.key} class="day">
          <h2>{dayText(day.start)}</h2>
          <ul class="slots">
            {day.slots.map((slot) => (
              <SlotRow key={slotKey(slot)} slot={slot} partner={partner} lockIn={lockIn} />
            ))}
          </ul>
        </section>
      ))}
      <ReplaceQuestion lockIn={lockIn} />
    </section>
  );
}

interface SlotRowProps {
  slot: AvailableSlot;
  partner: { userId: string; name: string };
  lockIn: LockIn;
}

function SlotRow({ slot, partner, lockIn }: SlotRowProps) {
  const key = slotKey(slot);
  const isChosen = lockIn.chosen === key;
  const time = <time dateTime={slot.startTime}>{timeRange(new Date(slot.startTime), minutesOf(slot))}</time>;
  if (slot.locked)
    return (
      <li data-slot={key} tabIndex={-1}>
        <span class="slot locked">
          {time} <LockIcon />
        </span>
      </li>
    );
  return (
    <li data-slot={key} tabIndex={-1}>
      <button type="button" class="slot" aria-expanded={isChosen} onClick={() => lockIn.choose(isChosen ? null : key)}>
        {time}
      </button>
      {isChosen && <BookButton lockIn={lockIn} wish={wishOf(slot, partner)} />}
    </li>
  );
}
