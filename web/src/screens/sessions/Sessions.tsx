import { useLocation } from "preact-iso";
import { texts } from "../../i18n/language";
import { zoneName } from "../../time/formats";
import { Past } from "./Past";
import { SessionLists } from "./SessionLists";
import { Upcoming } from "./Upcoming";
import "./sessions.css";

/** The sessions of the member, upcoming or past. */
export default function Sessions() {
  const { path: here } = useLocation();
  const { sessions, layout } = texts.value;
  return (
    <div class="sessions">
      <h1>{layout.sessions}</h1>
      <SessionLists />
      <p class="quiet">{sessions.zone(zoneName())}</p>
      {here === "/sessions/past" ? <Past /> : <Upcoming />}
    </div>
  );
}
