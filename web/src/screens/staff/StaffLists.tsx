import { useLocation } from "preact-iso";
import { texts } from "../../i18n/language";

/** The ways between the reports, the members, and the log. */
export function StaffLists() {
  const { path: here } = useLocation();
  const { staff } = texts.value;
  const lists = [
    ["/staff", staff.reports],
    ["/staff/members", staff.members],
    ["/staff/log", staff.log],
  ] as const;
  return (
    <ul class="lists" aria-label={staff.lists}>
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
