import { useLocation } from "preact-iso";
import { texts } from "../../i18n/language";
import { zoneName } from "../../time/formats";
import { Past } from "./Past";
import { Upcoming } from "./Upcoming";
import "./sessions.css";

const PAST = "/sessions/past";
const LISTS = [
  ["/sessions", "upcoming"],
  [PAST, "past"],
] as const;

/** The sessions of the member, upcoming or past. */
export default function Sessions() {
  const { path: here } = useLocation();
  const { sessions, layout } = texts.value;
  return (
    <div class="sessions">
      <h1>{layout.sessions}</h1>
      <ul class="lists" aria-label={sessions.kinds}>
        {LISTS.map(([path, name]) => (
          <li key={path}>
            <a href={path} aria-current={here === path ? "page" : undefined}>
              {sessions[name]}
            </a>
          </li>
        ))}
      </ul>
      <p class="quiet">{sessions.zone(zoneName())}</p>
      {here === PAST ? <Past /> : <Upcoming />}
    </div>
  );
}
