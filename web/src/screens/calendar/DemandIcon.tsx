import type { Schemas } from "../../api/client";
import { texts } from "../../i18n/language";
import { LockIcon } from "../../parts/LockIcon";

/** One person where some members wait, three where many do. The name of the cell says it in words. */
export function DemandIcon({ demand }: { demand: Exclude<Schemas["Demand"], "none"> }) {
  const places = demand === "many" ? [4, 12, 20] : [4];
  return (
    <svg class="demand" aria-hidden="true" viewBox={`0 0 ${demand === "many" ? 24 : 8} 16`} height="14">
      {places.map((x) => (
        <path key={x} d={`M${x} 3.2a2.3 2.3 0 1 1-.01 0M${x - 3.4} 13.5a3.4 4.6 0 0 1 6.8 0z`} fill="currentColor" />
      ))}
    </svg>
  );
}

/** The signs of the calendar with their meanings. */
export function Legend() {
  const { calendar } = texts.value;
  return (
    <ul class="legend quiet" aria-label={calendar.legend}>
      <li>
        <LockIcon decorative /> {calendar.states.locked_in}
      </li>
      <li>
        <DemandIcon demand="some" /> {calendar.demand.some}
      </li>
      <li>
        <DemandIcon demand="many" /> {calendar.demand.many}
      </li>
    </ul>
  );
}
