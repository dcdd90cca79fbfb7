import { useRef, useState } from "preact/hooks";
import { type SharedSlot, useFavoritesAvailability } from "../../api/availability";
import { usePeople } from "../../api/people";
import { texts } from "../../i18n/language";
import { Face } from "../../parts/Face";
import { Loaded } from "../../parts/Loaded";
import { LockIcon } from "../../parts/LockIcon";
import { dayText, timeRange } from "../../time/formats";
import { BookButton, ReplaceQuestion } from "../availability/BookButton";
import { type LockIn, useLockIn, wishOf } from "../availability/lock_in";
import { minutesOf, slotDays, slotKey } from "../availability/slot_days";
import { FavoriteFilter } from "./FavoriteFilter";
import { NoTimes } from "./NoTimes";
import { partnerKey, slotsWith } from "./shared_slots";
import "../availability/availability.css";
import "./favorites.css";

/** Favorites Availability: the slots of all favorites over two weeks, each with a way to lock in. */
export default function Favorites() {
  const { layout } = texts.value;
  const slots = useFavoritesAvailability();
  const people = usePeople();
  const [filter, setFilter] = useState("");
  return (
    <>
      <h1>{layout.favoritesAvailability}</h1>
      <Loaded query={slots}>
        {(found) => (
          <>
            {people.data && <FavoriteFilter favorites={people.data.favorites} chosen={filter} onChoose={setFilter} />}
            <SharedSlots key={filter} slots={slotsWith(found, filter)} />
            {slotsWith(found, filter).length === 0 && people.data && (
              <NoTimes favorites={people.data.favorites} filter={filter} />
            )}
          </>
        )}
      </Loaded>
    </>
  );
}

function SharedSlots({ slots }: { slots: SharedSlot[] }) {
  const { favorites, layout } = texts.value;
  const region = useRef<HTMLElement>(null);
  const known = slots.flatMap((slot) => slot.partners.map((partner) => partnerKey(slot, partner)));
  const lockIn = useLockIn(new Set(known), region);
  return (
    <section ref={region} aria-label={layout.favoritesAvailability}>
      <p class="lead" tabIndex={-1}>
        {slots.length > 0 && favorites.lead}
      </p>
      {slotDays(slots).map((day) => (
        <section key={day.key} class="day">
          <h2>{dayText(day.start)}</h2>
          <ul class="slots shared">
            {day.slots.map((slot) => (
              <SlotRow key={slotKey(slot)} slot={slot} lockIn={lockIn} />
            ))}
          </ul>
        </section>
      ))}
      <ReplaceQuestion lockIn={lockIn} />
    </section>
  );
}

function SlotRow({ slot, lockIn }: { slot: SharedSlot; lockIn: LockIn }) {
  const isChosen = (partner: { userId: string }) => lockIn.chosen === partnerKey(slot, partner);
  const partner = slot.partners.find((each) => each.lockable && !each.locked && isChosen(each));
  return (
    <li data-slot={slotKey(slot)} tabIndex={-1}>
      <time dateTime={slot.startTime}>{timeRange(new Date(slot.startTime), minutesOf(slot))}</time>
      <ul class="partners">
        {slot.partners.map((each) => (
          <li key={each.userId}>
            {each.locked ? (
              <span class="partner">
                <Face name={each.name} photoUrl={each.photoUrl} /> <bdi>{each.name}</bdi> <LockIcon />
              </span>
            ) : (
              <button
                type="button"
                class="partner"
                aria-pressed={isChosen(each)}
                onClick={() => lockIn.choose(isChosen(each) ? null : partnerKey(slot, each))}
              >
                <Face name={each.name} photoUrl={each.photoUrl} /> <bdi>{each.name}</bdi>
              </button>
            )}
          </li>
        ))}
      </ul>
      {partner && <BookButton lockIn={lockIn} wish={wishOf(slot, partner)} />}
    </li>
  );
}
