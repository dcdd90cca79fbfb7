import { useRef, useState } from "preact/hooks";
import { type SharedSlot, useFavoritesAvailability } from "../../api/availability";
import { usePeople } from "../../api/people";
import { texts } from "../../i18n/language";
import { Face } from "../../parts/Face";
import { LockIcon } from "../../parts/LockIcon";
import { dayText, timeRange } from "../../time/formats";
import { useChosen } from "../availability/chosen";
import { focusWithin } from "../availability/focus";
import { Loaded } from "../availability/Loaded";
import { LockIn } from "../availability/LockIn";
import { minutesOf, slotDays, slotKey } from "../availability/slot_days";
import { FavoriteFilter } from "./FavoriteFilter";
import { NoTimes } from "./NoTimes";
import { partnerKey, slotsWith } from "./shared_slots";
import "../availability/availability.css";
import "./favorites.css";

/** Favorites Availability: the slots of all favorites over two weeks, each with a way to lock in. */
export default function Favorites() {
  const { favorites } = texts.value;
  const slots = useFavoritesAvailability();
  const people = usePeople();
  const [filter, setFilter] = useState("");
  return (
    <>
      <h1>{favorites.title}</h1>
      <Loaded query={slots}>
        {(found) => (
          <>
            {people.data && <FavoriteFilter favorites={people.data.favorites} chosen={filter} onChoose={setFilter} />}
            <SharedSlots slots={slotsWith(found, filter)} />
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
  const { favorites } = texts.value;
  const region = useRef<HTMLElement>(null);
  const known = new Set(slots.flatMap((slot) => slot.partners.map((partner) => partnerKey(slot, partner))));
  const [chosen, choose] = useChosen(known, () => focusWithin(region, ".lead"));
  return (
    <section ref={region} aria-label={favorites.title}>
      <p class="lead" tabIndex={-1}>
        {slots.length > 0 && favorites.lead}
      </p>
      {slotDays(slots).map((day) => (
        <section key={day.key} class="day">
          <h2>{dayText(day.start)}</h2>
          <ul class="slots shared">
            {day.slots.map((slot) => (
              <SlotRow
                key={slotKey(slot)}
                slot={slot}
                chosen={chosen}
                onChoose={choose}
                onEnd={(result) => focusWithin(region, result === "gone" ? ".lead" : `[data-slot="${slotKey(slot)}"]`)}
              />
            ))}
          </ul>
        </section>
      ))}
    </section>
  );
}

interface SlotRowProps {
  slot: SharedSlot;
  chosen: string | null;
  onChoose: (key: string | null) => void;
  onEnd: (result: "booked" | "gone") => void;
}

function SlotRow({ slot, chosen, onChoose, onEnd }: SlotRowProps) {
  const isChosen = (partner: SharedSlot["partners"][number]) => chosen === partnerKey(slot, partner);
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
                onClick={() => onChoose(isChosen(each) ? null : partnerKey(slot, each))}
              >
                <Face name={each.name} photoUrl={each.photoUrl} /> <bdi>{each.name}</bdi>
              </button>
            )}
          </li>
        ))}
      </ul>
      {partner && <LockIn slot={slot} partner={partner} onEnd={onEnd} />}
    </li>
  );
}
