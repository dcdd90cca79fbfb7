import { useLocation } from "preact-iso";
import { isStaff, useMe } from "../../api/me";
import { texts } from "../../i18n/language";
import { Loaded } from "../../parts/Loaded";
import { NothingHere } from "../../parts/NothingHere";
import { Log } from "./Log";
import { Members } from "./Members";
import { Reports } from "./Reports";
import { StaffLists } from "./StaffLists";
import "./staff.css";

/** The screen of staff: reports, members, and the log. For every other member there is nothing (R47). */
export default function Staff() {
  const { path, query } = useLocation();
  const me = useMe();
  const { layout, staff } = texts.value;
  return (
    <Loaded query={me} title={layout.staff}>
      {(member) =>
        isStaff(member) ? (
          <div class="staff">
            <h1>{layout.staff}</h1>
            <StaffLists />
            <p class="quiet">{staff.logged}</p>
            {path === "/staff" && <Reports />}
            {path === "/staff/members" && <Members key={query.member} userId={query.member ?? ""} />}
            {path === "/staff/log" && <Log />}
          </div>
        ) : (
          <NothingHere />
        )
      }
    </Loaded>
  );
}
