import { useMe } from "../../api/me";
import { texts } from "../../i18n/language";

const ACTIVITIES = ["desk", "moving", "anything"] as const;

/** The title of a session. */
export function TitleField() {
  return (
    <label class="field">
      {texts.value.calendar.card.sessionTitle}
      <input name="title" maxLength={200} autocomplete="off" dir="auto" />
    </label>
  );
}

/** The way of work in a session. It begins as in the member's profile. */
export function WorkStyleFields() {
  const { card } = texts.value.calendar;
  const me = useMe().data;
  return (
    <>
      <label class="field">
        {card.activity}
        <select name="activityType" key={me?.activityType}>
          {ACTIVITIES.map((activity) => (
            <option key={activity} value={activity} selected={activity === (me?.activityType ?? "anything")}>
              {card.activities[activity]}
            </option>
          ))}
        </select>
      </label>
      <label class="check">
        <input type="checkbox" name="quietMode" key={String(me?.quietMode)} defaultChecked={me?.quietMode ?? false} />{" "}
        {texts.value.words.quietMode}
      </label>
      <label class="check">
        <input type="checkbox" name="preferFavorites" /> {card.preferFavorites}
      </label>
    </>
  );
}
