import { useLocation } from "preact-iso";
import { texts } from "../../i18n/language";

/** The ways between the upcoming sessions, the past ones, and the repeats. */
export function SessionLists() {
  const { path: here } = useLocation();
  const { repeats, sessions } = texts.value;
  const lists = [
    ["/sessions", sessions.upcoming],
    ["/sessions/past", sessions.past],
    ["/repeats", repeats.title],
  ] as const;
  return (
    <ul class="lists" aria-label={sessions.kinds}>
      {lists.map(([path, name]) => (
        <li key={path}>
          <a href={path} aria-current={here === path ? "page" : undefined}>
            {name}
          </a>
        </li>
      ))}
    </ul>
  );
}
